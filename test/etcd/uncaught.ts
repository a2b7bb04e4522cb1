import assert from 'node:assert/strict';

/** Fails each test of a `describe` during which a rejection stays unhandled. */
export function failOnUncaught(): void {
  const uncaught: unknown[] = [];
  const note = (error: unknown) => void uncaught.push(error);
  beforeEach(() => {
    uncaught.length = 0;
    process.prependListener('unhandledRejection', note);
  });
  afterEach(() => {
    process.off('unhandledRejection', note);
    assert.deepEqual(uncaught, []);
  });
}
