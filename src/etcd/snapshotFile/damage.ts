import * as l10n from '@vscode/l10n';

/** Sentences that are kept; further damages are only counted. */
const MAX_REPORTED = 50;

/** Thrown for a part of a file that cannot be read. Its message is one sentence without any of the file's content. */
export class Damage extends Error {
  override readonly name = 'Damage';
}

/** Collects what is wrong with a file, while as much of it is read as possible. */
export class DamageLog {
  readonly #reported = new Set<string>();
  /** Number of all damages. */
  count = 0;

  /** The first sentences. */
  get reported(): readonly string[] {
    return [...this.#reported];
  }

  add(sentence: string): void {
    if (this.#reported.has(sentence)) return;
    this.count++;
    if (this.#reported.size < MAX_REPORTED) this.#reported.add(sentence);
  }

  /** Runs a step; a damage is recorded, and the result is then undefined. */
  attempt<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
      this.add(error.message);
      return undefined;
    }
  }
}

export function brokenElement(page: number, element: number): Damage {
  return new Damage(l10n.t('Page {0}: element {1} is not where it belongs.', page, element));
}
