import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { minutesAgo, type DemoEntry } from './entry.ts';
import { Random } from './random.ts';

const filesFolder = join(import.meta.dirname, 'files');

/** Yields the files beside this script, each with its path as key. */
function* files(): Iterable<DemoEntry> {
  const paths = readdirSync(filesFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  for (const path of paths) {
    yield { key: path.slice(filesFolder.length).replaceAll(sep, '/'), value: readFileSync(path) };
  }
}

const largeValueBytes = 1_000_000;

/** Returns a product catalogue as indented JSON of about 1 MB. */
function productCatalogue(): string {
  const random = new Random('catalogue');
  const products: string[] = [];
  for (let bytes = 0; bytes < largeValueBytes;) {
    const product = {
      sku: `SKU-${String(products.length + 1).padStart(6, '0')}`,
      name: `${random.pick(['Blue', 'Green', 'Oak', 'Steel', 'Wool'])} ${random.pick(['chair', 'jug', 'lamp', 'rug', 'shelf'])}`,
      price: random.between(199, 49_999) / 100,
      stock: random.below(500),
      dimensions: { width: random.between(5, 250), height: random.between(5, 250), depth: random.between(5, 90) },
      tags: [random.pick(['new', 'sale', 'classic']), random.pick(['indoor', 'outdoor'])],
    };
    const text = JSON.stringify(product, undefined, 2).replaceAll('\n', '\n  ');
    products.push(`  ${text}`);
    bytes += text.length + 4;
  }
  return `[\n${products.join(',\n')}\n]\n`;
}

/**
 * Yields application configuration: files in many languages, plain words and numbers, an empty, a long and a large
 * value.
 */
export function* configurationKeyspace(): Iterable<DemoEntry> {
  const random = new Random('configuration');
  // A key that is also a folder.
  yield { key: '/config/app', value: '{ "version": "4.7.2", "environment": "production" }\n' };
  yield* files();
  const words: Readonly<Record<string, string>> = {
    'log-level': 'info',
    'max-connections': '250',
    'cache-ratio': '0.75',
    enabled: 'true',
    'started-at': minutesAgo(1234),
    owner: 'platform@example.com',
    'maintenance-message': '',
  };
  for (const [name, value] of Object.entries(words)) {
    yield { key: `/config/app/${name}`, value };
  }
  const origins = Array.from({ length: 1500 }, () => `https://${random.text(8, 'abcdefgh')}.partner.example.com`);
  yield { key: '/config/app/allowed-origins', value: origins.join(',') };
  yield { key: '/config/catalog/products.json', value: productCatalogue() };

  // Keys that do not begin with a separator.
  yield { key: 'app.settings', value: 'theme = "dark"\nlanguage = "en"\n' };
  yield { key: 'app.version', value: '4.7.2' };
  for (const job of ['backup', 'invoices', 'reindex']) {
    yield { key: `jobs/nightly/${job}/schedule`, value: `${random.below(60)} ${random.between(1, 4)} * * *` };
    yield { key: `jobs/nightly/${job}/last-run`, value: minutesAgo(random.between(60, 1440)) };
  }
}
