import type { Corpus } from './pastedCase.ts';

const H = { endpoints: ['https://h:2379'] };
const ROOT = { ...H, username: 'root', password: 's3cret' };
const CA = { ...ROOT, caFile: '/c/ca.pem' };
const CERTIFICATES = { caFile: '/c/ca.crt', certFile: '/c/a.crt', keyFile: '/c/a.key' };
const GO =
  'cli, err := clientv3.New(clientv3.Config{\n\tEndpoints: []string{"localhost:2379"},\n\tDialTimeout: 5 * time.Second,\n})\n';
const LOCAL = ['http://localhost:2379'];
const NO_SCHEME = /No scheme is given for localhost:2379/;

/** Files of containers and services, source, JSON and settings. */
export const FILES: Corpus = {
  'a compose file with a list': {
    text: 'services:\n  app:\n    environment:\n      - ETCDCTL_ENDPOINTS=https://h:2379\n      - ETCDCTL_USER=root:s3cret\n      - ETCDCTL_CACERT=/c/ca.pem',
    ...CA,
  },
  'one line of a compose file': { text: '      - ETCDCTL_ENDPOINTS=https://h:2379', ...H },
  'a compose file with a quoted list': {
    text: '- "ETCDCTL_ENDPOINTS=https://h:2379"\n- \'ETCDCTL_USER=root:s3cret\'',
    ...ROOT,
  },
  'a compose file with a map': {
    text: 'environment:\n  ETCDCTL_ENDPOINTS: https://h:2379\n  ETCDCTL_USER: "root:s3cret" # the user\n  ETCDCTL_CACERT: \'/c/ca.pem\'',
    ...CA,
  },
  'a compose file with a default': { text: '- ETCDCTL_ENDPOINTS=${EP:-https://h:2379}', ...H },
  'a compose file with a dollar sign': {
    text: 'ETCDCTL_ENDPOINTS: https://h:2379\nETCDCTL_USER: root:a$$b',
    ...H,
    username: 'root',
    password: 'a$b',
  },
  'a compose file with a variable': {
    text: 'ETCDCTL_ENDPOINTS: https://h:2379\nETCDCTL_USER: root:${PW}',
    ...H,
    username: 'root',
    says: [/password stands in the variable PW/],
  },
  'a compose file with a command': {
    text: 'command: etcdctl --endpoints=https://h:2379 --user root:s3cret get /x',
    ...ROOT,
  },
  'a command as a list in brackets': {
    text: 'command: ["etcdctl", "--endpoints=https://h:2379", "--user", "root:s3cret", "get", "x"]',
    ...ROOT,
  },
  'a command as a list of lines': {
    text: 'command:\n- etcdctl\n- --endpoints=https://h:2379\n- --user\n- root:s3cret\n- --cacert=/c/ca.pem\n- get',
    ...CA,
  },
  'a command of a shell as a list': {
    text: 'command: ["sh", "-c", "etcdctl --endpoints=https://h:2379 --user root:s3cret get x"]',
    ...ROOT,
  },
  'a Dockerfile': {
    text: 'FROM alpine\nENV ETCDCTL_ENDPOINTS=https://h:2379 ETCDCTL_USER=root:s3cret\nENV ETCDCTL_CACERT /c/ca.pem',
    ...CA,
  },
  'a Dockerfile with continued lines': {
    text: 'ENV ETCDCTL_ENDPOINTS=https://h:2379 \\\n    ETCDCTL_USER="root:s3cret"',
    ...ROOT,
  },
  'a Dockerfile with a command': { text: 'CMD ["etcdctl", "--endpoints=https://h:2379", "get", "/x"]', ...H },
  'options of docker': {
    text: 'docker run -e ETCDCTL_ENDPOINTS=https://h:2379 --env ETCDCTL_USER=root:s3cret etcd etcdctl get x',
    ...ROOT,
  },
  'options of docker with "="': {
    text: 'docker run --env=ETCDCTL_ENDPOINTS=https://h:2379 -e=ETCDCTL_USER=root:s3cret etcd',
    ...ROOT,
  },
  'a pod': {
    text: 'env:\n- name: ETCDCTL_ENDPOINTS\n  value: "https://h:2379"\n- name: ETCDCTL_USER\n  value: root:s3cret',
    ...ROOT,
  },
  'a pod with a secret': {
    text: '- name: ETCDCTL_ENDPOINTS\n  value: https://h:2379\n- name: ETCDCTL_USER\n  valueFrom:\n    secretKeyRef:\n      name: s',
    ...H,
    says: [/value of the variable ETCDCTL_USER stands elsewhere/],
  },
  'a service of systemd': {
    text: '[Service]\nEnvironment="ETCDCTL_ENDPOINTS=https://h:2379" "ETCDCTL_USER=root:s3cret"',
    ...ROOT,
  },
  'a service of systemd, unquoted': {
    text: 'Environment=ETCDCTL_ENDPOINTS=https://h:2379\nEnvironment=ETCDCTL_CACERT=/c/ca.pem',
    ...H,
    caFile: '/c/ca.pem',
  },
  'a service of systemd with a command': {
    text: 'ExecStart=/usr/bin/etcdctl --endpoints=https://h:2379 --user root:s3cret watch /x',
    ...ROOT,
  },
  "kube-apiserver's command line": {
    text: 'kube-apiserver --secure-port=6443 --etcd-servers=https://h:2379,https://b:2379 --etcd-cafile=/c/ca.crt --etcd-certfile=/c/a.crt --etcd-keyfile=/c/a.key',
    endpoints: ['https://h:2379', 'https://b:2379'],
    ...CERTIFICATES,
  },
  "kube-apiserver's manifest": {
    text: '    - kube-apiserver\n    - --etcd-cafile=/c/ca.crt\n    - --etcd-certfile=/c/a.crt\n    - --etcd-keyfile=/c/a.key\n    - --etcd-servers=https://h:2379\n    - --secure-port=6443',
    ...H,
    ...CERTIFICATES,
  },
  'one option of kube-apiserver': { text: '--etcd-servers=https://h:2379', ...H },
  'one option of kube-apiserver in a list': { text: '    - --etcd-servers=https://h:2379', ...H },
  "kube-apiserver's options, separate": {
    text: 'kube-apiserver --etcd-servers https://h:2379 --etcd-cafile /c/ca.crt',
    ...H,
    caFile: '/c/ca.crt',
  },
  "kube-apiserver's prefix": {
    text: 'kube-apiserver --etcd-servers=https://h:2379 --etcd-prefix=/registry',
    ...H,
    says: [/option --etcd-prefix is not taken over/],
  },
  'etcd itself': { text: 'etcd --advertise-client-urls=https://h:2379 --data-dir=/var/lib/etcd', ...H },
  'variables of other programs': {
    text: 'ETCD_ENDPOINTS=https://h:2379\nETCD_CA_CERT_FILE=/c/ca.crt\nETCD_CERT_FILE=/c/a.crt\nETCD_KEY_FILE=/c/a.key',
    ...H,
    ...CERTIFICATES,
  },
  'our own setting': {
    text: '"etcd.connections": [\n  { "name": "a", "endpoints": ["https://h:2379"], "username": "root", "caFile": "/c/ca.pem" },\n]',
    ...H,
    username: 'root',
    caFile: '/c/ca.pem',
  },
  'our own setting in its file': {
    text: '{\n  // mine\n  "editor.fontSize": 12,\n  "etcd.connections": [{ "name": "a", "endpoints": ["https://h:2379"] }]\n}',
    ...H,
  },
  'two entries of our own setting': {
    text: '"etcd.connections": [{ "name": "a", "endpoints": ["https://h:2379"] }, { "name": "b", "endpoints": ["https://b:1"] }]',
    ...H,
    others: [['https://b:1']],
  },
  'an entry alone': { text: '{ "name": "a", "endpoints": ["https://h:2379"], "production": true }', ...H },
  'an entry with a Windows path': {
    text: '{ "name": "a", "endpoints": ["https://h:2379"], "caFile": "C:\\\\c\\\\ca.pem" }',
    ...H,
    caFile: 'C:\\c\\ca.pem',
  },
  'an entry with a field of no meaning': {
    text: '{ "name": "a", "endpoints": ["https://h:2379"], "password": "s3cret" }',
    ...H,
    says: [/These settings are not used: password/],
  },
  'credentials of Cloud Foundry': {
    text: JSON.stringify(
      { etcd: [{ credentials: { db_type: 'etcd', uri: 'https://root:s3cret@h:2379' } }] },
      undefined,
      2,
    ),
    ...ROOT,
  },
  'credentials as fields': {
    text: '{"host": "h.example", "port": 2379, "username": "root", "password": "s3cret"}',
    endpoints: ['http://h.example:2379'],
    username: 'root',
    password: 's3cret',
    says: [/No scheme is given/],
  },
  'variables as JSON': { text: '{"ETCDCTL_ENDPOINTS": "https://h:2379", "ETCDCTL_USER": "root:s3cret"}', ...ROOT },
  "a pod's variables as JSON": {
    text: '[{"name":"ETCDCTL_ENDPOINTS","value":"https://h:2379"},{"name":"ETCDCTL_USER","value":"root:s3cret"}]',
    ...ROOT,
  },
  'JSON of something else': { text: '{"name": "root", "list": [1, 2, 3]}' },
  'Go, and a real curl line': {
    text: `Getting started\n\n${GO}\nWith curl:\n\ncurl -u root:s3cret --cacert /c/ca.pem https://h:2379/v2/keys\n`,
    ...CA,
    others: [LOCAL],
  },
  'a curl line, then Go': {
    text: `curl -u root:s3cret https://h:2379/v2/keys\n\n${GO}`,
    ...ROOT,
    others: [LOCAL],
  },
  'Go in a fence': {
    text: `# Connect\n\n\`\`\`go\n${GO}\`\`\`\n\n\`\`\`sh\n$ etcdctl --endpoints=https://h:2379 --user root:s3cret get /x\n\`\`\`\n`,
    ...ROOT,
    others: [LOCAL],
  },
  'Go alone': { text: GO, endpoints: LOCAL, says: [NO_SCHEME] },
  'Go with a variable': {
    text: 'clientv3.Config{Endpoints: []string{"https://h:2379"}, Username: "root", Password: os.Getenv("PW")}',
    ...H,
    username: 'root',
    says: [/password stands in the variable PW/],
  },
  'the external etcd of kubeadm': {
    text: 'etcd:\n  external:\n    endpoints:\n      - https://h:2379\n    caFile: /c/ca.crt\n    certFile: /c/a.crt\n    keyFile: /c/a.key',
    ...H,
    ...CERTIFICATES,
  },
  'the settings of Patroni': {
    text: 'etcd3:\n  hosts: h:2379,i:2379\n  protocol: https\n  username: root\n  password: "s3cret"\n  cacert: /c/ca.pem',
    ...CA,
    endpoints: ['https://h:2379', 'https://i:2379'],
  },
  'a file of Spring': {
    text: 'etcd.endpoints=https://h:2379\netcd.username=root\netcd.password=s3cret',
    ...ROOT,
  },
  'a client in Python': {
    text: "client = etcd3.client(host='h', port=2379, ca_cert='/c/ca.pem', user='root', password='s3cret')",
    ...CA,
  },
  'a client in JavaScript': {
    text: "const client = new Etcd3({\n  hosts: ['https://h:2379'],\n  auth: { username: 'root', password: 's3cret' },\n});",
    ...ROOT,
  },
  'a client in Java': {
    text: 'Client client = Client.builder().endpoints("https://h:2379", "https://i:2379").build();',
    endpoints: ['https://h:2379', 'https://i:2379'],
  },
  'a provider of Terraform': {
    text: 'provider "etcd" {\n  endpoints = ["https://h:2379"]\n  username = "root"\n  password = "s3cret"\n}',
    ...ROOT,
  },
  'labels of a console': { text: 'Host: h\nPort: 2379\nTLS: yes\nUser: root\nPassword: s3cret', ...ROOT },
  'sentences with labels': { text: 'User: ask the team\nPassword: see the vault\nhttps://h:2379', ...H },
  'a path to a key of etcd': { text: 'key: /app/config\nhttps://h:2379', ...H },
  'a request of PowerShell': {
    text: 'Invoke-WebRequest -Uri "https://h:2379/v2/keys/" -Headers @{Authorization="Basic cm9vdDpzM2NyZXQ="}',
    ...ROOT,
  },
  'a request of wget': {
    text: 'wget --ca-certificate=/c/ca.pem --user=root --password=s3cret https://h:2379/v2/keys/',
    ...CA,
  },
  'a request of HTTPie': { text: 'http GET https://h:2379/version --verify=/c/ca.pem', ...H, caFile: '/c/ca.pem' },
};
