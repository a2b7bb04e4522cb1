import type { Memento } from 'vscode';

// See docs/contributing/decisions/extension-api.md

const ALLOWED = 'allowedExtensions';

/** The other extensions that the user allows to read etcd. */
export class ExtensionConsents {
  readonly #globalState: Memento;

  constructor(globalState: Memento) {
    this.#globalState = globalState;
  }

  get allowed(): readonly string[] {
    return this.#globalState.get<string[]>(ALLOWED, []);
  }

  has(extensionId: string): boolean {
    return this.allowed.includes(extensionId);
  }

  async allow(extensionId: string): Promise<void> {
    await this.#globalState.update(ALLOWED, [...new Set([...this.allowed, extensionId])]);
  }

  async revoke(extensionId: string): Promise<void> {
    await this.#globalState.update(
      ALLOWED,
      this.allowed.filter((each) => each !== extensionId),
    );
  }
}
