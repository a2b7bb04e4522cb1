// Replaces got's HTTP cache (30 KB) in the bundle. got uses it only if its option `cache` is set, which it never is
// here.

export default class NoHttpCache {
  request() {
    throw new Error("got's cache is left out of this bundle");
  }
}

export class CacheError extends Error {}
