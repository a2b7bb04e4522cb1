/** Series of etcd. `3.5.30` means any 3.5 from that release on, whose watches report progress by other rules. */
export type EtcdSeries = '3.4' | '3.5' | '3.5.30' | '3.6' | '3.7';
