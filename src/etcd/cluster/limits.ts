/** Share of the quota from which a database is nearly full, as in etcd's own alerts. */
export const NEARLY_FULL = 0.95;
/** Entries of the log that a member may be behind. */
export const MAX_LAG = 5000n;
