import type { ConnectionProfile } from '../settings/connectionProfile.ts';
import { TOOL_ACCESSES, type ToolAccess } from '../settings/connectionProfile.ts';

// See docs/contributing/decisions/language-models.md

/**
 * Returns what language models' tools may see of a connection. A workspace can hide its connections from them, but show
 * no more of these than is usual.
 */
export function toolAccess({ source, settings }: ConnectionProfile): ToolAccess {
  const { production = false, languageModelTools: wanted } = settings;
  const usual: ToolAccess = production ? 'none' : 'masked';
  if (wanted === undefined) return usual;
  const isMore = TOOL_ACCESSES.indexOf(wanted) > TOOL_ACCESSES.indexOf(usual);
  return source === 'workspace' && isMore ? usual : wanted;
}
