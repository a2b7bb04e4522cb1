import type { GoField, GoStruct } from './goStructs.ts';
import type { ProtoField } from './protoMessages.ts';

/**
 * The kind APIService of `apiregistration.k8s.io`, which every cluster stores and no Debian package has (its Go package is
 * `k8s.io/kube-aggregator`): numbers, names and tags of its `types.go`, the same in v1 and v1beta1.
 */

const root = 'k8s.io.kube_aggregator.pkg.apis.apiregistration';
const meta = 'k8s.io.apimachinery.pkg.apis.meta.v1';

/** `number name type`, then `*` for a list, `&` for a pointer, `?` for omitempty. */
const messages: Readonly<Record<string, readonly string[]>> = {
  APIService: [`1 metadata ${meta}.ObjectMeta ?`, '2 spec APIServiceSpec ?', '3 status APIServiceStatus ?'],
  APIServiceList: [`1 metadata ${meta}.ListMeta ?`, '2 items APIService *'],
  APIServiceSpec: [
    '1 service ServiceReference &?',
    '2 group string ?',
    '3 version string ?',
    '4 insecureSkipTLSVerify bool ?',
    '5 caBundle bytes ?',
    '7 groupPriorityMinimum int32',
    '8 versionPriority int32',
  ],
  APIServiceStatus: ['1 conditions APIServiceCondition *?'],
  APIServiceCondition: [
    '1 type string',
    '2 status string',
    `3 lastTransitionTime ${meta}.Time ?`,
    '4 reason string ?',
    '5 message string ?',
  ],
  ServiceReference: ['1 namespace string ?', '2 name string ?', '3 port int32 &?'],
};

function fieldsOf(name: string, packageName: string): { proto: ProtoField[]; struct: GoStruct } {
  const fields = new Map<number, GoField>();
  const proto = (messages[name] ?? []).map((line): ProtoField => {
    const [number = '', field = '', type = '', marks = ''] = line.split(' ');
    const own = type in messages ? `${packageName}.${type}` : type;
    fields.set(Number(number), {
      json: field,
      inline: false,
      pointer: marks.includes('&'),
      omitEmpty: marks.includes('?'),
      omitZero: false,
    });
    return { number: Number(number), name: field, many: marks.includes('*') ? 'list' : 'one', type: own };
  });
  return { proto, struct: { fields, isKind: name === 'APIService' || name === 'APIServiceList' } };
}

/** Returns its messages and structs by full name, and its API versions by package. */
export function apiServiceTypes() {
  const protos = new Map<string, readonly ProtoField[]>();
  const structs = new Map<string, GoStruct>();
  const apiVersions = new Map<string, string>();
  for (const version of ['v1', 'v1beta1']) {
    const packageName = `${root}.${version}`;
    apiVersions.set(packageName, `apiregistration.k8s.io/${version}`);
    for (const name of Object.keys(messages)) {
      const { proto, struct } = fieldsOf(name, packageName);
      protos.set(`${packageName}.${name}`, proto);
      structs.set(`${packageName}.${name}`, struct);
    }
  }
  return { protos, structs, apiVersions };
}
