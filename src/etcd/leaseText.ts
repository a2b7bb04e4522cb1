/** A lease's ID as etcd writes it: 16 hexadecimal digits. */
export function leaseText(lease: bigint): string {
  return lease.toString(16).padStart(16, '0');
}
