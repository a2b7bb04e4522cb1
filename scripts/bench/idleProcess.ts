import { serveLoopDelay } from './loopDelay.ts';

/** A process that only measures its event loop, to show the machine's own delays. */
await serveLoopDelay(process.argv[2] ?? '');
