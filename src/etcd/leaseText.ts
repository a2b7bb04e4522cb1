/** Formats a lease's id as etcd does: 16 hexadecimal digits. */
export function leaseText(lease: bigint): string {
  return lease.toString(16).padStart(16, '0');
}
