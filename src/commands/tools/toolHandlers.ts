import { clusterHealth, findKeys, keyHistory, listKeys, readKey } from './readingTools.ts';
import { proposeValue } from './proposeTool.ts';
import type { ToolHandler } from './toolHandler.ts';

/** The handlers of the manifest's tools. */
export const TOOLS: Readonly<Record<string, ToolHandler>> = {
  etcd_list_keys: listKeys,
  etcd_read_key: readKey,
  etcd_find_keys: findKeys,
  etcd_key_history: keyHistory,
  etcd_cluster_health: clusterHealth,
  etcd_propose_value: proposeValue,
};
