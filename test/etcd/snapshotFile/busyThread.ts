import { parentPort, workerData } from 'node:worker_threads';
import { BusyFile, type BusyOrder } from './busyFile.ts';

/** Milliseconds between two commits. */
const PAUSE = 1;

const { path, snapshot, pages, stopped }: BusyOrder = workerData;
const file = new BusyFile(path, snapshot, pages);
parentPort?.postMessage('written');
while (Atomics.wait(stopped, 0, 0, PAUSE) !== 'not-equal') file.commit();
file.close();
