import * as l10n from '@vscode/l10n';
import { EtcdError, type EtcdErrorKind } from '../errors.ts';
import type { TunnelCommand } from './tunnelCommand.ts';
import type { TunnelOutput } from './tunnelOutput.ts';

type Program = TunnelCommand['program'];

/** Explains that a tunnel's program is not on this machine. */
export function programMissing(program: Program): EtcdError {
  return failure(
    'refused',
    program === 'ssh'
      ? l10n.t(
          'The tunnel of this connection needs ssh, which is not on PATH. Install the OpenSSH client, then restart VS Code.',
        )
      : l10n.t('The tunnel of this connection needs kubectl, which is not on PATH. Install it, then restart VS Code.'),
  );
}

/** Explains why a tunnel ended before it was ready. */
export function notStarted(name: string, program: Program, output: TunnelOutput): EtcdError {
  const line = quoted(output);
  if (output.hasChangedKey)
    return failure(
      'refused',
      l10n.t(
        'The tunnel {0} was not opened, because its host shows another key than the one that ssh knows (ssh: {1}). Someone may be intercepting the connection: ask who runs the host before you replace the known key.',
        name,
        line,
      ),
    );
  if (output.hasUnknownKey)
    return failure(
      'refused',
      l10n.t(
        'The tunnel {0} was not opened, because ssh does not know the key of its host (ssh: {1}). Connect with ssh in a terminal once, and accept the key there if it is the right one.',
        name,
        line,
      ),
    );
  if (program === 'ssh' && output.lastLine.includes('Permission denied'))
    return failure(
      'refused',
      l10n.t(
        'The host of the tunnel {0} refused the sign-in (ssh: {1}). Add your key to the ssh agent, or name it in the configuration of ssh: passwords and passphrases cannot be asked for here.',
        name,
        line,
      ),
    );
  return failure(
    'refused',
    l10n.t('The tunnel {0} ended before it was ready ({1}: {2}). Try that command in a terminal.', name, program, line),
  );
}

/** Explains that a tunnel took too long to start. */
export function notReady(name: string, seconds: number, output: TunnelOutput): EtcdError {
  return failure(
    'timedOut',
    l10n.t(
      'The tunnel {0} was not ready within {1} s ({2}). Try that command in a terminal.',
      name,
      seconds,
      quoted(output),
    ),
  );
}

/** Explains that a tunnel has ended while a request was under way. */
export function tunnelEnded(name: string, program: Program, output: TunnelOutput, error: EtcdError): EtcdError {
  return instead(
    error,
    'connectionLost',
    l10n.t(
      'The tunnel {0} has ended ({1}: {2}). It starts again with the next request.',
      name,
      program,
      quoted(output),
    ),
  );
}

/** Explains that a tunnel runs, but does not reach its end. */
export function endUnreached(name: string, end: string, why: string, error: EtcdError): EtcdError {
  return instead(
    error,
    'refused',
    l10n.t(
      'The tunnel {0} is open, but nothing can be reached from there at {1} ({2}). Check the endpoint, as seen from the other side of the tunnel.',
      name,
      end,
      why,
    ),
  );
}

/** Explains that nothing came back through a tunnel in time. */
export function endSilent(name: string, end: string, error: EtcdError): EtcdError {
  return instead(
    error,
    'timedOut',
    l10n.t(
      'The tunnel {0} is open, but no answer came from {1} in time. Check the endpoint and the firewall on the other side of the tunnel.',
      name,
      end,
    ),
  );
}

/** Explains that a tunnel has ended just now. */
export function notRunning(name: string): EtcdError {
  return failure('connectionLost', l10n.t('The tunnel {0} has just ended. Try again.', name));
}

function quoted({ lastLine }: TunnelOutput): string {
  return lastLine === '' ? l10n.t('it gave no reason') : `“${lastLine}”`;
}

function failure(kind: EtcdErrorKind, message: string): EtcdError {
  return new EtcdError(kind, message, { notCarriedOut: true });
}

/** Keeps what is known about the fate of the request. */
function instead({ notCarriedOut, cause }: EtcdError, kind: EtcdErrorKind, message: string): EtcdError {
  return new EtcdError(kind, message, { notCarriedOut, cause });
}
