import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Charge } from './guardian.ts';

interface Message {
  readonly verb: 'take' | 'release';
  readonly charge: Charge;
}

const charges = new Map<string, Charge>();
for await (const line of createInterface({ input: process.stdin })) {
  // Only guardian.ts writes to this pipe.
  const { verb, charge } = JSON.parse(line) as Message;
  if (verb === 'take') charges.set(JSON.stringify(charge), charge);
  else charges.delete(JSON.stringify(charge));
}

for (const charge of charges.values()) {
  if (!('pid' in charge)) continue;
  try {
    process.kill(charge.pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
for (const charge of charges.values()) {
  if ('folder' in charge) await rm(charge.folder, { recursive: true, force: true, maxRetries: 5 });
}
