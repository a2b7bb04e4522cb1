import assert from 'node:assert/strict';
import { ConfigurationTarget, ThemeIcon, workspace } from 'vscode';
import { nameFilter } from '../../src/etcd/search/nameFilter.ts';
import { oddKeyspace } from '../../scripts/demo/oddKeys.ts';
import { Connections } from '../../src/connections/connections.ts';
import { Consents } from '../../src/connections/trust/consents.ts';
import { CredentialStore } from '../../src/connections/trust/credentialStore.ts';
import { pinFolder, pinnedFolders, unpinFolder } from '../../src/connections/lists/pinnedFolders.ts';
import { deleteSearch, savedSearches, saveSearch } from '../../src/connections/lists/savedSearches.ts';
import { keyText } from '../../src/etcd/keys/keyText.ts';
import { prefixRange } from '../../src/etcd/keys/ranges.ts';
import type { KeyQuery } from '../../src/etcd/search/keyQuery.ts';
import { KeyTree } from '../../src/views/keys/keyTree.ts';
import { FolderNode, KeyNode } from '../../src/views/keys/nodes.ts';
import { KeySearch } from '../../src/views/search/keySearch.ts';
import { hitItem, stateText } from '../../src/views/search/searchItems.ts';
import { bytes } from '../etcd/connecting.ts';
import { MemorySecrets, MemoryState } from '../fixtures/vscodeState.ts';
import { ENDPOINT, Outside } from './outside.ts';
import { setConnections } from './settings.ts';
import { wholeLevel } from './wholeLevel.ts';

const LARGE = 100_000;

describe('searching, filtering and pinning', () => {
  let outside: Outside;
  let connections: Connections;

  before(async function () {
    this.timeout('5m');
    outside = await Outside.connect();
    await outside.put(...Array.from({ length: LARGE }, (_, at) => [`/find/large/${at}`, `${at}`] as const));
    const odd = [...oddKeyspace()].map(
      ({ key, value }) => [Buffer.concat([bytes('/find'), Buffer.from(key)]), value] as const,
    );
    await outside.put(...odd);
  });
  after(async () => {
    await outside.deletePrefix('/find');
    outside.close();
    await setConnections();
  });
  beforeEach(async () => {
    await setConnections({ name: 'find', endpoints: [ENDPOINT] });
    const credentials = new CredentialStore(new MemorySecrets(), new MemoryState(), '');
    const consents = new Consents(new MemoryState(), new MemoryState());
    connections = new Connections({
      credentials,
      consents,
      offerTrust: () => undefined,
      logRequest: () => undefined,
      tunnelGuard: '',
    });
  });
  afterEach(() => connections.dispose());

  function only() {
    const [connection] = connections.all;
    assert.ok(connection);
    return connection;
  }

  function search(query: Partial<KeyQuery>, folder = '/find/'): KeySearch {
    const whole: KeyQuery = { kind: 'text', pattern: '', matchCase: true, values: false, ...query };
    return new KeySearch({ connection: only(), folder: bytes(folder), query: whole });
  }

  it('finds keys as nodes of their folders, however they are named', async () => {
    const found = search({ kind: 'regex', pattern: '^/find(?!/large)' }, '');
    await found.goOn();
    assert.deepEqual(found.state, { kind: 'complete' });
    assert.equal(
      found.found.length,
      new Set([...oddKeyspace()].map(({ key }) => Buffer.from(key).toString('hex'))).size,
    );
    const ids = new Set(found.found.map(({ id }) => id));
    assert.equal(ids.size, found.found.length);
    for (const node of found.found) {
      assert.ok(node instanceof KeyNode);
      assert.deepEqual(Buffer.concat([node.parent.path, node.name]), Buffer.from(node.path), keyText(node.path));
      const { label, description } = hitItem(node, false);
      assert.ok(label !== undefined && typeof description === 'string' && description.startsWith('/'));
    }
  });

  it('marks what matched in the name, and tells where a value matched without showing it', async () => {
    const inName = search({ pattern: 'two words' });
    await inName.goOn();
    const [name] = inName.found;
    assert.deepEqual(name && hitItem(name, false).label, { label: 'two words', highlights: [[0, 9]] });
    const inValue = search({ pattern: 'one character a byte', values: true }, '/find/odd/tab');
    await inValue.goOn();
    const [value] = inValue.found;
    assert.ok(value);
    assert.equal(hitItem(value, false).description, '/find/odd/ · value, line 1');
    assert.match(String(hitItem(value, true).description), /value, line 1: The key is .*one character a byte/);
  });

  it('shows found keys of well-known software as the tree does', async () => {
    await outside.put(['/registry/pods/found/web', '']);
    const found = search({ pattern: 'web' }, '/registry/pods/found/');
    await found.goOn();
    const [pod] = found.found;
    assert.ok(pod);
    const { looks } = new KeyTree(connections);
    await looks.load();
    const { iconPath } = hitItem(pod, false, looks.of(pod));
    assert.ok(iconPath instanceof ThemeIcon);
    assert.equal(iconPath.id, 'package');
    await outside.deletePrefix('/registry/pods/found/');
  });

  it('stops when enough is found, goes on from there, and leaves out what was deleted', async () => {
    const found = search({ pattern: '7' }, '/find/large/');
    await found.goOn(100);
    assert.deepEqual(found.state, { kind: 'full' });
    assert.equal(found.found.length, 100);
    await found.goOn(150);
    assert.equal(found.found.length, 250);
    assert.equal(new Set(found.found.map(({ id }) => id)).size, 250);
    const [first] = found.found;
    assert.ok(first);
    found.forget([prefixRange(first.path)]);
    assert.ok(!found.found.includes(first));
    await found.goOn(Infinity);
    assert.deepEqual(found.state, { kind: 'complete' });
    assert.equal(found.progress.scanned, LARGE);
  });

  it('tells while it searches how far it is, and stops when told to', async () => {
    const found = search({ pattern: 'nothing of the kind' });
    const seen = new Set<number>();
    found.onDidChange(() => {
      seen.add(found.progress.scanned);
      if (seen.size === 3) found.stop();
    });
    await found.goOn();
    assert.deepEqual(found.state, { kind: 'stopped' });
    assert.ok(found.progress.scanned < LARGE);
    assert.match(stateText(found), /^Stopped: 0 found; [\d,]+ of [\d,]+ keys searched\.$/);
  });

  it('says what is wrong with a pattern, also where that shows only on a key', async () => {
    await outside.put([`/find/slow/${'a'.repeat(60)}!`, '']);
    for (const [pattern, said] of [
      ['(', /^Invalid regular expression/],
      ['(a+)+$', /^The regular expression is too slow on /],
    ] as const) {
      const found = search({ kind: 'regex', pattern }, '/find/slow/');
      await found.goOn();
      assert.equal(found.state.kind, 'failed', pattern);
      assert.match(stateText(found), said);
    }
  });

  it('filters a level of a hundred thousand, also after refreshing', async function () {
    this.timeout('5m');
    const tree = new KeyTree(connections);
    try {
      const folder = await tree.find(only(), bytes('/find/large/'));
      assert.ok(folder instanceof FolderNode);
      const names = async () => {
        const children = await wholeLevel(tree, folder);
        return children.flatMap((node) => (node.kind === 'key' ? [keyText(node.name)] : []));
      };
      tree.filterFolder(folder, nameFilter('9999'));
      const expected = Array.from({ length: LARGE }, (_, at) => String(at)).filter((name) => name.includes('9999'));
      assert.deepEqual(await names(), expected.toSorted());
      tree.refresh(only());
      assert.deepEqual(await names(), expected.toSorted());
      tree.filterFolder(folder, nameFilter('4711*'));
      assert.deepEqual(await names(), ['4711', ...Array.from({ length: 10 }, (_, at) => `4711${at}`)]);
      assert.equal(tree.getTreeItem(folder).description?.toString().split(' · ')[0], 'only 4711*');
      tree.filterFolder(folder, undefined);
      assert.equal((await names()).length, 500);
    } finally {
      tree.dispose();
    }
  });

  it('pins folders of any name once, with nodes of their own', async () => {
    const tree = new KeyTree(connections);
    try {
      const paths = [bytes('/find/odd/'), Buffer.concat([bytes('/find/'), Uint8Array.of(0xff), bytes('/')])];
      for (const path of [...paths, ...paths]) await pinFolder(only(), path);
      assert.deepEqual(pinnedFolders(only()).map(keyText), paths.map(keyText));
      const [top] = await tree.getChildren();
      assert.ok(top);
      const [pinned, gone] = await tree.getChildren(top);
      assert.ok(pinned instanceof FolderNode && gone);
      assert.deepEqual(
        (await tree.getChildren(gone)).map(({ kind }) => kind),
        ['message'],
      );
      const usual = await tree.find(only(), bytes('/find/odd/'));
      const ids = [...(await tree.getChildren(pinned)), ...(await tree.getChildren(usual)), pinned, usual].map(
        ({ id }) => id,
      );
      assert.equal(new Set(ids).size, ids.length);
      assert.equal((await tree.getChildren(pinned)).length, (await tree.getChildren(usual)).length);
      for (const path of paths) await unpinFolder(only(), path);
      assert.deepEqual(pinnedFolders(only()), []);
    } finally {
      tree.dispose();
    }
  });

  it('keeps searches by their names, and ignores what is none', async () => {
    const query: KeyQuery = { kind: 'glob', pattern: '*.json', matchCase: true, values: false };
    const kept = { name: 'all JSON', folder: bytes('/find/'), query };
    await saveSearch(only(), { ...kept, query: { ...query, pattern: 'old' } });
    await saveSearch(only(), kept);
    assert.deepEqual(
      savedSearches(only()).map((each) => ({ ...each, folder: keyText(each.folder) })),
      [{ ...kept, folder: '/find/' }],
    );
    await deleteSearch(only(), 'all JSON');
    assert.deepEqual(savedSearches(only()), []);
    const settings = workspace.getConfiguration('etcd');
    await settings.update(
      'savedSearches',
      { find: [1, null, { kind: 'x' }, { kind: 'text', pattern: 'a', folder: '\\' }] },
      ConfigurationTarget.Global,
    );
    await settings.update('pinnedFolders', { find: [{}, '\\', '', '/a'] }, ConfigurationTarget.Global);
    assert.deepEqual(savedSearches(only()), []);
    assert.deepEqual(pinnedFolders(only()).map(keyText), ['/a/']);
    for (const key of ['savedSearches', 'pinnedFolders'])
      await settings.update(key, undefined, ConfigurationTarget.Global);
  });
});
