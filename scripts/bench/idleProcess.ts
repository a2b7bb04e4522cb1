import { serveLoopDelay } from './loopDelay.ts';

/** A process that does nothing but measure its event loop: what the machine itself does to one. */
await serveLoopDelay(process.argv[2] ?? '');
