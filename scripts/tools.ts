import { ensureChromium } from './setup/chromium.ts';
import { ensureEtcd } from './setup/etcd.ts';
import { ensureVsCodeServer } from './setup/vscodeServer.ts';

/** Downloads what tests need and the machine lacks, once, before tests run side by side. */
const outcomes = await Promise.allSettled([
  ensureEtcd('3.4'),
  ensureEtcd('3.5'),
  ensureVsCodeServer('1.103'),
  ensureVsCodeServer('1.139'),
  ensureChromium(),
]);
for (const outcome of outcomes) {
  if (outcome.status === 'fulfilled') continue;
  console.error(outcome.reason instanceof Error ? outcome.reason.message : outcome.reason);
  process.exitCode = 1;
}
