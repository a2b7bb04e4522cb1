// Stands in the bundle for got's HTTP cache (30 KB), which got only uses where its option `cache` is set: here it never is.

export default class NoHttpCache {
  request() {
    throw new Error("got's cache is left out of this bundle");
  }
}

export class CacheError extends Error {}
