import { appendFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sum } from '../src/etcd/sum.ts';
import { choiceFrom, type Choice } from './suite/choice.ts';
import { runStep, type Outcome } from './suite/runStep.ts';
import { LANES, PARTS, type Step } from './suite/steps.ts';

/** Runs the suite, or the part that its arguments choose, and prints the numbers of tests. */

const results = join(import.meta.dirname, '..', 'test-results');

class Suite {
  readonly #choice: Choice;
  readonly #outcomes: Outcome[] = [];
  /** Number of failed runs of each step. */
  readonly #failures = new Map<string, number>();

  constructor(choice: Choice) {
    this.#choice = choice;
  }

  /** Runs the builds one after another, then what may run side by side, then what runs alone. */
  async run(): Promise<void> {
    const steps = new Set(this.#choice.parts.flatMap((part) => PARTS.get(part) ?? []));
    const wanted = [...steps].filter(({ kind }) => this.#choice.grep === undefined || kind !== 'check');
    for (const step of wanted.filter(({ kind }) => kind === 'build')) await this.#runOnce(step, step.name, true);
    if (this.#failures.size > 0) return;
    const others = wanted.filter(({ kind }) => kind !== 'build');
    const waiting = others.filter(({ runsAlone }) => !runsAlone);
    const isAlone = waiting.length === 1;
    const lane = async () => {
      for (let step = waiting.shift(); step; step = waiting.shift()) await this.#runOften(step, isAlone);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    for (const step of others.filter(({ runsAlone }) => runsAlone)) await this.#runOften(step, true);
  }

  report(): void {
    const { parts, grep, repeat } = this.#choice;
    const [passed, failed, skipped] = (['passed', 'failed', 'skipped'] as const).map((what) =>
      sum(this.#outcomes.map((outcome) => outcome[what])),
    );
    const times = (count: number) => (repeat === 1 ? '' : ` (${count} of ${repeat} runs)`);
    if (this.#failures.size > 0)
      console.log(`\nFailed: ${[...this.#failures].map(([name, count]) => name + times(count)).join('; ')}`);
    const isNothing = passed === 0 && failed === 0 && skipped === 0;
    if (grep !== undefined && isNothing)
      console.log(`\nNo title of a test in ${parts.join(', ')} has the text "${grep}".`);
    console.log(`\n${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`);
    process.exitCode = failed === 0 && passed !== 0 ? 0 : 1;
  }

  async #runOften(step: Step, isAlone: boolean): Promise<void> {
    const { repeat } = this.#choice;
    for (let run = 1; run <= repeat; run++)
      await this.#runOnce(step, repeat === 1 ? step.name : `${step.name}, run ${run} of ${repeat}`, isAlone);
  }

  /** Runs a step; prints its output immediately if it runs alone, otherwise at its end. */
  async #runOnce(step: Step, name: string, isAlone: boolean): Promise<void> {
    const started = Date.now();
    console.log(isAlone ? `\n== ${name}` : `-- ${name} begins`);
    const pieces: string[] = isAlone ? [] : [`\n== ${name}\n`];
    const file = join(results, `${name.replaceAll(/[^\w.]+/g, '-')}.txt`);
    const print = (piece: string) => {
      if (isAlone) process.stdout.write(piece);
      else pieces.push(piece);
      // The file can be followed while the step runs.
      appendFileSync(file, piece);
    };
    const outcome = await runStep(step, print, this.#choice.grep);
    this.#outcomes.push(outcome);
    if (outcome.failed > 0) this.#failures.set(step.name, (this.#failures.get(step.name) ?? 0) + 1);
    const seconds = Math.round((Date.now() - started) / 1000);
    const end = `== ${name}: ${outcome.failed > 0 ? 'FAILED' : 'ok'} (${seconds} s)\n`;
    process.stdout.write(pieces.join('') + end);
  }
}

let choice: Choice | undefined;
try {
  choice = choiceFrom(process.argv.slice(2), [...PARTS.keys()]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
if (choice) {
  await rm(results, { recursive: true, force: true });
  await mkdir(results, { recursive: true });
  const suite = new Suite(choice);
  await suite.run();
  suite.report();
}
