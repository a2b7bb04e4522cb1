/** Words that name a secret wherever they are in a name, such as in `dbpassword`. */
const DISTINCT =
  /passw(?:or)?d|passphrase|secret|token|credential|api_?key|private_?key|access_?key|signing_?key|encryption_?key/;
/** Words that name a secret only by themselves. */
const WORDS = /(?:^|_)(?:pass|pwd|pw|creds?|dsn|jwt|otp|cookies?|authorization|bearer|hmac|salt|requirepass)(?=_|$)/;

/** Whether a name of a setting, or a key's text, says that its value is a secret. Takes too many rather than too few. */
export function isSecretName(name: string): boolean {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z]+/g, '_');
  return DISTINCT.test(words) || WORDS.test(words);
}
