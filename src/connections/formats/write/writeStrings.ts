import { t } from '@vscode/l10n';
import { PASSWORD_PLACEHOLDER, PASSWORD_VARIABLE, type Copy } from './copy.ts';

/** Writes the endpoints with user and password, separated by commas. */
export function connectionStrings(copy: Copy): string {
  const { connection, leaveOut } = copy;
  const without = (['caFile', 'ca', 'certFile', 'keyFile', 'pfxFile', 'serverName', 'pinnedSha256'] as const).filter(
    (name) => connection[name] !== undefined,
  );
  if (without.length > 0) leaveOut(t('This form has no words for {0}.', without.join(', ')));
  const user = userInfo(copy);
  return connection.endpoints.map((endpoint) => endpoint.replace('://', `://${user}`)).join(',');
}

function userInfo({ connection, password }: Copy): string {
  const { username } = connection;
  if (username === undefined) return '';
  const written = {
    variable: () => `\${${PASSWORD_VARIABLE}}`,
    placeholder: () => PASSWORD_PLACEHOLDER,
    literal: () => (password.kind === 'literal' ? encoded(password.password) : ''),
  }[password.kind]();
  return `${encoded(username)}:${written}@`;
}

/**
 * Encodes a text for a URL, including quotes and parentheses. `encodeURIComponent` leaves these, but they may mean
 * something in the surrounding text.
 */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);
}
