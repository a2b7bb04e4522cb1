const meta = 'k8s.io.apimachinery.pkg.apis.meta.v1';
const extensions = 'k8s.io.apiextensions_apiserver.pkg.apis.apiextensions';

const forms: Readonly<Record<string, string>> = {
  'k8s.io.apimachinery.pkg.api.resource.Quantity': 'quantity',
  'k8s.io.apimachinery.pkg.util.intstr.IntOrString': 'intOrString',
  'k8s.io.apimachinery.pkg.runtime.RawExtension': 'raw',
  [`${meta}.Time`]: 'time',
  [`${meta}.MicroTime`]: 'microTime',
  [`${meta}.Duration`]: 'duration',
  [`${meta}.FieldsV1`]: 'raw',
  [`${meta}.Verbs`]: 'items',
};

/** Returns how Go writes the JSON of a message that is not an object of its fields; undefined for all others. */
export function ownForm(message: string): string | undefined {
  if (/\.(authentication|authorization|certificates)\.v1(beta1)?\.ExtraValue$/.test(message)) return 'items';
  if (message.startsWith(extensions)) {
    const name = message.slice(message.lastIndexOf('.') + 1);
    if (name === 'JSON') return 'raw';
    const alternative = /^JSONSchemaProps(Or\w+)$/.exec(name)?.[1];
    if (alternative !== undefined) return `schema${alternative}`;
  }
  return forms[message];
}
