/** How serious a finding is; `hidden` if etcd does not show it to this user, which says nothing about it. */
export type Severity = 'plain' | 'good' | 'warning' | 'failed' | 'hidden';
