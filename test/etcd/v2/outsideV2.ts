import assert from 'node:assert/strict';

interface Node {
  readonly key: string;
  readonly value?: string;
  readonly ttl?: number;
  readonly modifiedIndex: number;
  readonly createdIndex: number;
  readonly nodes?: readonly Node[];
}

/** Another user of the same server's v2 API, with plain requests. */
export interface OutsideV2 {
  get(key: string): Promise<{ readonly node: Node }>;
  put(key: string, form: Readonly<Record<string, string>>): Promise<{ readonly node: Node }>;
  delete(key: string): Promise<void>;
  /** Returns the HTTP status of reading a key. */
  status(key: string): Promise<number>;
}

export function outsideV2(endpoint: string): OutsideV2 {
  const urlOf = (key: string) => `${endpoint}/v2/keys${key}`;
  async function ask(key: string, init: RequestInit = {}): Promise<{ readonly node: Node }> {
    const response = await fetch(urlOf(key), init);
    assert.ok(response.ok, `HTTP ${response.status} for ${key}`);
    // This helper relies on the shape of the answer; a wrong one fails the test that reads it.
    return (await response.json()) as { readonly node: Node };
  }
  return {
    get: (key) => ask(key),
    put: (key, form) => ask(key, { method: 'PUT', body: new URLSearchParams(form) }),
    delete: async (key) => {
      await ask(key, { method: 'DELETE' });
    },
    status: async (key) => (await fetch(urlOf(key))).status,
  };
}
