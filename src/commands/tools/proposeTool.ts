import { l10n, workspace } from 'vscode';
import { toolConnection } from '../../connections/tools/toolConnection.ts';
import { openProposal } from '../../documents/proposal.ts';
import { singleKeyRange } from '../../etcd/keys/ranges.ts';
import { readOnlyError } from '../../etcd/readOnlyStore.ts';
import { connectionLine } from './readingTools.ts';
import { keyField } from './toolAnswer.ts';
import type { ToolHandler } from './toolHandler.ts';

/** Opens a proposed value as unsaved text, which only the user can save. */
export const proposeValue: ToolHandler = {
  question: (input) => ({
    title: l10n.t('Open a proposed value of an etcd key?'),
    doing: l10n.t('Opening a proposed value of an etcd key'),
    detail: [
      ...connectionLine(input),
      l10n.t('Key: {0}', input.shown('key')),
      l10n.t('It opens unsaved beside the present value. Nothing is written until you save it.'),
    ],
  }),
  run: async ({ connections, documents }, input) => {
    const connection = toolConnection(connections, input.optionalText('connection'), workspace.isTrusted);
    if (connection.isReadOnly) throw readOnlyError();
    const [key, value] = [input.key('key'), input.text('value')];
    await (await connection.store('background')).locks?.check([singleKeyRange(key)]);
    const isChange = await openProposal({ connectionId: connection.id, key }, value, documents.proposals);
    const note = isChange
      ? 'The proposal is open as unsaved text beside the present value. The user reads it, and saves or discards it.'
      : 'The key has this value already.';
    return { data: { connection: connection.name, ...keyField('key', key), note }, keys: isChange ? 1 : 0 };
  },
};
