import { manifestYaml, readManifest } from './manifest.ts';
import { UnreadableValue } from './problems.ts';

/** Returns a Kubernetes value as YAML; undefined if it cannot be read. */
export function yamlOf(value: Uint8Array): string | undefined {
  try {
    return manifestYaml(readManifest(value));
  } catch (error) {
    if (error instanceof UnreadableValue) return undefined;
    throw error;
  }
}
