import { isVsCodeVersion, newestVsCode, type VsCodeVersion } from '../../scripts/setup/vscodeServer.ts';

/** Returns the newest VS Code, or the one that the test command asks for. */
export function vsCodeVersion(): VsCodeVersion {
  const { VSCODE_TEST_VERSION: wanted = newestVsCode } = process.env;
  if (!isVsCodeVersion(wanted)) throw new Error(`VSCODE_TEST_VERSION is ${wanted}, for which there is no server`);
  return wanted;
}
