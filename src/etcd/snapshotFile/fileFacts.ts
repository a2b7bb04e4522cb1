import { fromBinary, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import * as l10n from '@vscode/l10n';
import type { BoltFile } from './boltFile.ts';
import { bucketElements, PageClaims, type Bucket } from './boltTree.ts';
import {
  AlarmMember_AlarmType,
  AlarmMemberSchema,
  LeaseSchema,
  Permission_Type,
  RoleSchema,
  UserSchema,
} from './stored_pb.js';

/** Limit of the facts that are kept of each kind. */
const MAX_FACTS = 10_000;

export interface StoredUser {
  readonly name: string;
  readonly roles: readonly string[];
  /** True if the user signs in with a certificate only. */
  readonly hasNoPassword: boolean;
}

export interface StoredRole {
  readonly name: string;
  readonly permissions: readonly {
    readonly access: 'read' | 'write' | 'readwrite';
    readonly key: Uint8Array;
    readonly rangeEnd: Uint8Array;
  }[];
}

export interface StoredLease {
  readonly id: bigint;
  /** Seconds it was granted for. The file does not say when it ends: after a restore, its time begins again. */
  readonly grantedTtl: number;
}

export interface StoredMember {
  /** Hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
}

/** What a file contains besides keys. Password hashes are never read. */
export interface FileFacts {
  /** The storage version, or the oldest version of etcd that writes such a file. */
  readonly version: string;
  /** The lowest version of the cluster's members; empty if unknown. */
  readonly clusterVersion: string;
  readonly isAuthEnabled: boolean;
  readonly users: readonly StoredUser[];
  readonly roles: readonly StoredRole[];
  readonly leases: readonly StoredLease[];
  readonly members: readonly StoredMember[];
  readonly alarms: readonly { readonly memberId: string; readonly alarm: 'noSpace' | 'corrupt' | 'none' }[];
}

interface Entry {
  readonly key: Buffer;
  readonly value: Buffer;
}

type StoredAccess = StoredRole['permissions'][number]['access'];

/** Names by number; a damaged entry may have any number. */
const ACCESS = new Map<number, StoredAccess>([
  [Permission_Type.READ, 'read'],
  [Permission_Type.WRITE, 'write'],
  [Permission_Type.READWRITE, 'readwrite'],
]);

const ALARMS = new Map<number, 'noSpace' | 'corrupt'>([
  [AlarmMember_AlarmType.NOSPACE, 'noSpace'],
  [AlarmMember_AlarmType.CORRUPT, 'corrupt'],
]);

/**
 * Reads what a file contains besides keys, as far as possible; the rest is in the file's damages. @throws Node's error
 */
export function readFacts(file: BoltFile, buckets: readonly Bucket[]): FileFacts {
  const claims = new PageClaims(file);
  const entriesOf = (name: string): Entry[] => {
    const bucket = buckets.find((each) => each.name === name);
    return bucket ? [...bucketElements(file, bucket, claims)] : [];
  };
  const messages = <Desc extends DescMessage>(name: string, schema: Desc, bytesOf = (entry: Entry) => entry.value) =>
    entriesOf(name)
      .slice(0, MAX_FACTS)
      .flatMap((entry): MessageShape<Desc>[] => {
        try {
          return [fromBinary(schema, bytesOf(entry), { readUnknownFields: false })];
        } catch {
          file.damages.add(l10n.t('An entry of the bucket "{0}" is damaged.', name));
          return [];
        }
      });
  const meta = entriesOf('meta');
  const auth = entriesOf('auth');
  const has = (name: string) => meta.some(({ key }) => key.equals(Buffer.from(name)));
  return {
    version: textOf(meta, 'storageVersion') || (has('term') ? '3.5' : '3.4'),
    clusterVersion: textOf(entriesOf('cluster'), 'clusterVersion'),
    isAuthEnabled: auth.some(({ key, value }) => key.equals(Buffer.from('authEnabled')) && value[0] === 1),
    users: messages('authUsers', UserSchema).map(({ name, roles, options }) => ({
      name: Buffer.from(name).toString(),
      roles,
      hasNoPassword: options?.noPassword ?? false,
    })),
    roles: messages('authRoles', RoleSchema).map(({ name, keyPermission }) => ({
      name: Buffer.from(name).toString(),
      permissions: keyPermission.map(({ permType, key, rangeEnd }) => ({
        access: ACCESS.get(permType) ?? 'read',
        key,
        rangeEnd,
      })),
    })),
    leases: messages('lease', LeaseSchema).map(({ ID, TTL }) => ({ id: ID, grantedTtl: Number(TTL) })),
    members: entriesOf('members')
      .slice(0, MAX_FACTS)
      .flatMap((entry) => memberOf(file, entry)),
    alarms: messages('alarm', AlarmMemberSchema, ({ key }) => key).map(({ memberID, alarm }) => ({
      memberId: memberID.toString(16),
      alarm: ALARMS.get(alarm) ?? 'none',
    })),
  };
}

function textOf(entries: readonly Entry[], name: string): string {
  return entries.find(({ key }) => key.equals(Buffer.from(name)))?.value.toString() ?? '';
}

function memberOf({ damages }: BoltFile, { key, value }: Entry): StoredMember[] {
  try {
    const member: unknown = JSON.parse(value.toString());
    if (typeof member !== 'object' || member === null) throw new SyntaxError('not an object');
    const fields = new Map<string, unknown>(Object.entries(member));
    const texts = (name: string) => {
      const list = fields.get(name);
      return Array.isArray(list) ? list.filter((each) => typeof each === 'string') : [];
    };
    const name = fields.get('name');
    return [
      {
        id: key.toString(),
        name: typeof name === 'string' ? name : '',
        peerUrls: texts('peerURLs'),
        clientUrls: texts('clientURLs'),
        isLearner: fields.get('isLearner') === true,
      },
    ];
  } catch {
    damages.add(l10n.t('An entry of the bucket "{0}" is damaged.', 'members'));
    return [];
  }
}
