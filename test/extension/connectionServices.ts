import type { ConnectionServices } from '../../src/connections/connection.ts';
import { Consents } from '../../src/connections/trust/consents.ts';
import { CredentialStore } from '../../src/connections/trust/credentialStore.ts';
import { MemorySecrets, MemoryState } from '../fixtures/vscodeState.ts';

/** Returns what connections need, with secrets and consents of their own, which end with the test. */
export function connectionServices(): ConnectionServices {
  return {
    credentials: new CredentialStore(new MemorySecrets(), new MemoryState(), ''),
    consents: new Consents(new MemoryState(), new MemoryState()),
    offerTrust: () => undefined,
    logRequest: () => undefined,
    tunnelGuard: '',
  };
}
