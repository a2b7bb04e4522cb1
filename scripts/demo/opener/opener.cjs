const { commands } = require('vscode');

/** Shows what the demo is about. */
exports.activate = async () => {
  await commands.executeCommand('etcd.keys.focus');
  await commands.executeCommand('etcd.getStarted');
};
