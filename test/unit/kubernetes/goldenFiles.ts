import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureKubernetesPackages } from '../../../scripts/setup/kubernetesPackages.ts';

/** An object of Kubernetes' own tests, encoded by its Go code. */
export interface GoldenFile {
  /** `group.version.Kind`. */
  readonly name: string;
  readonly protobuf: Uint8Array;
  readonly json: string;
  readonly yaml: string;
  /** JSON of the same bytes as the newest Go reads them, if different. */
  readonly reread: { readonly json: string; readonly yaml: string } | undefined;
}

export const RELEASES = ['HEAD', 'v1.35.0', 'v1.34.0', 'v1.33.0'] as const;

export type Release = (typeof RELEASES)[number];

/** Returns the golden files of a release; rejects if this machine cannot get Kubernetes' packages. */
export async function goldenFiles(release: Release): Promise<GoldenFile[]> {
  const { newest } = await ensureKubernetesPackages();
  const folder = join(newest.folder, 'api', 'testdata', release);
  const files = new Set(await readdir(folder));
  const text = (name: string) => readFile(join(folder, name), 'utf8');
  const names = [...files].filter((name) => name.endsWith('.pb') && !name.includes('after_roundtrip'));
  return Promise.all(
    names.toSorted().map(async (file) => {
      const name = file.slice(0, -'.pb'.length);
      const again = `${name}.after_roundtrip`;
      return {
        name,
        protobuf: new Uint8Array(await readFile(join(folder, file))),
        json: await text(`${name}.json`),
        yaml: await text(`${name}.yaml`),
        reread: files.has(`${again}.json`)
          ? { json: await text(`${again}.json`), yaml: await text(`${again}.yaml`) }
          : undefined,
      };
    }),
  );
}
