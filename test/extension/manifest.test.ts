import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commands, extensions } from 'vscode';
import { EXTENSION_ID } from '../../scripts/package/extensionId.ts';
import { HANDLERS } from '../../src/commands/commandHandlers.ts';
import manifestTexts from '../../package.nls.json' with { type: 'json' };

describe('the manifest', () => {
  const extension = extensions.getExtension(EXTENSION_ID);
  assert.ok(extension);
  const manifest = JSON.parse(readFileSync(join(extension.extensionPath, 'package.json'), 'utf8'));

  it('contributes exactly the commands that the code registers and carries out', async () => {
    await extension.activate();
    const registered = (await commands.getCommands(true)).filter((id) => /^etcd\.[a-zA-Z]+$/.test(id));
    const contributed = manifest.contributes.commands.map(({ command }: { command: string }) => command);
    assert.deepEqual(registered.toSorted(), contributed.toSorted());
    assert.deepEqual(Object.keys(HANDLERS).toSorted(), contributed.toSorted());
  });

  it('shows only contributed commands in its menus and keys', () => {
    const contributed = new Set(manifest.contributes.commands.map(({ command }: { command: string }) => command));
    const used = [...Object.values(manifest.contributes.menus).flat(), ...manifest.contributes.keybindings];
    for (const { command } of used as { command?: string }[])
      assert.ok(command === undefined || contributed.has(command), command);
  });

  it('has a text for each placeholder, and no other', () => {
    const placeholders = [...JSON.stringify(manifest).matchAll(/%([\w.]+)%/g)].map((match) => match[1]);
    assert.deepEqual([...new Set(placeholders)].toSorted(), Object.keys(manifestTexts).toSorted());
  });
});
