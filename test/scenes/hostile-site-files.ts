/** A site file that is in order: a rehearsal-like site with both stand-ins. */
export const goodSite = `sealift: 1
name: plant
gitlab: {url: "http://127.0.0.1:18080", version: "18.9", simulated: true}
gateway: {kind: simulated, httpPort: 15052, grpcPort: 15053}
model: {engine: llamacpp, name: tiny, servedName: tiny}
front: {port: 18000}
`;

/** A site file of a real site. */
const realSite = `sealift: 1
name: plant
gitlab: {url: "https://gitlab.example", version: "18.9"}
gateway: {kind: existing, host: 10.0.0.5}
model: {engine: external, name: big, servedName: big, endpoint: "http://10.0.0.6:8001/v1"}
front: {host: 0.0.0.0, port: 8000}
`;

const change = (text: string, from: string, to: string): string => {
  if (!text.includes(from)) throw new Error(`not in the site file: ${from}`);
  return text.replace(from, to);
};
const good = (from: string, to: string) => change(goodSite, from, to);
const real = (from: string, to: string) => change(realSite, from, to);

const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]']
  .concat('bcdefghij'.split('').map((name, at) => `${name}: &${name} [${'*abcdefghi'[at + 1]}]`))
  .map((line) => line.replace(/\[(\w)\]$/, (_, of) => `[${Array(9).fill(`*${of}`).join(',')}]`))
  .join('\n');

/** What is wrong, the text, the field that must be named, what must be shown of the value, and what would be right. */
export type HostileSite = [about: string, text: string, field: string, value: string, right: string];

/** Site files that must be refused. */
export const hostileSites: HostileSite[] = [
  [
    'an unknown key',
    `${goodSite}colour: red\n`,
    'colour',
    'unknown field',
    'known fields: sealift, name, airGapped, gitlab',
  ],
  [
    'an unknown key inside',
    good('kind: simulated', 'kind: simulated, proxy: on'),
    'gateway.proxy',
    'unknown field',
    'kind, host, httpPort, grpcPort',
  ],
  ['a key of Object', `${goodSite}__proto__: {simulated: false}\n`, '__proto__', 'unknown field', 'known fields'],
  ['a key that is no word', `${goodSite}"\\e[2J\\a": 1\n`, '', 'unknown field', 'known fields'],
  ['a port that is text', good('port: 18000', 'port: "18000"'), 'front.port', 'is "18000"', 'must be a number'],
  ['a port that is a fraction', good('port: 18000', 'port: 80.5'), 'front.port', 'is 80.5', 'must be a whole number'],
  ['a port beyond all', good('port: 18000', 'port: 65536'), 'front.port', 'is 65536', 'must be 65535 or less'],
  ['port 0', good('port: 18000', 'port: 0'), 'front.port', 'is 0', 'must be 1 or more'],
  ['a port that is not a number', good('port: 18000', 'port: .nan'), 'front.port', 'is .nan', 'number'],
  ['a version as a number', good('"18.9"', '18.10'), 'gitlab.version', 'is 18.1', 'write it in quotes: "18.10"'],
  [
    'a version with words',
    good('"18.9"', '"18.9-ee"'),
    'gitlab.version',
    'is "18.9-ee"',
    'enter a version such as 18.9',
  ],
  ['simulated as text', good('simulated: true', 'simulated: "yes"'), 'gitlab.simulated', 'is "yes"', 'true or false'],
  ['a list for a group', good('front: {port: 18000}', 'front: [18000]'), 'front', 'list', 'a group of fields'],
  ['a text for a group', good('front: {port: 18000}', 'front: 18000'), 'front', 'is 18000', 'a group of fields'],
  ['features that are no list', `${goodSite}features: CHAT\n`, 'features', 'is "CHAT"', 'a list'],
  ['an unknown feature', `${goodSite}features: [CHAT]\n`, 'features.0', 'is "CHAT"', 'one of: CODE_COMPLETIONS'],
  ['no feature at all', `${goodSite}features: []\n`, 'features', 'list', 'at least 1'],
  ['another format', good('sealift: 1', 'sealift: 2'), 'sealift', 'is 2', 'must be 1'],
  ['no name', good('name: plant\n', ''), 'name', 'is missing', 'must be text'],
  ['a name that climbs', good('name: plant', 'name: ../x'), 'name', 'is "../x"', 'lower-case letters'],
  ['a name with a separator', good('name: plant', 'name: a/b'), 'name', 'is "a/b"', 'lower-case letters'],
  ['a name with a line end', good('name: plant', 'name: "a\\nb"'), 'name', 'is "a\\nb"', 'lower-case letters'],
  ['a name with an escape', good('name: plant', 'name: "a\\e[31m"'), 'name', 'is "a\\u001b[31m"', 'lower-case letters'],
  ['a name that is too long', good('name: plant', `name: ${'a'.repeat(64)}`), 'name', 'is "aaa', 'lower-case letters'],
  ['a model name that climbs', good('name: tiny', 'name: ../../etc'), 'model.name', 'is "../../etc"', 'lower-case'],
  [
    'an unknown engine',
    good('engine: llamacpp', 'engine: tgi'),
    'model.engine',
    'is "tgi"',
    'one of: llamacpp, external',
  ],
  [
    'a context of nothing',
    good('servedName: tiny}', 'servedName: tiny, contextTokens: 1}'),
    'model.contextTokens',
    'is 1',
    '256 or more',
  ],
  [
    'a huge context',
    good('servedName: tiny}', 'servedName: tiny, contextTokens: 1e12}'),
    'model.contextTokens',
    'is 1e12',
    'or less',
  ],
  [
    'clashing ports',
    good('port: 18000', 'port: 15052'),
    'gateway.httpPort',
    'is 15052',
    'another port than front.port',
  ],
  [
    'clashing ports of the gateway',
    good('15053', '15052'),
    'gateway.grpcPort',
    'is 15052',
    'another port than gateway.httpPort',
  ],
  [
    'a port of the front that GitLab has',
    good('port: 18000', 'port: 18080'),
    'gitlab.url',
    '127.0.0.1:18080',
    'another port than front.port',
  ],
  [
    'a port that clashes on all addresses',
    good('{port: 18000}', '{host: 0.0.0.0, port: 15052}'),
    'gateway.httpPort',
    'is 15052',
    'another port',
  ],
  [
    'a simulated gateway with a real GitLab',
    good(', simulated: true', ''),
    'gateway.kind',
    'is "simulated"',
    'use existing',
  ],
  [
    'a simulated gateway for others',
    good('kind: simulated', 'kind: simulated, host: 0.0.0.0'),
    'gateway.host',
    'is "0.0.0.0"',
    'loopback only',
  ],
  [
    'an existing gateway on all addresses',
    good('kind: simulated', 'kind: existing, host: 0.0.0.0'),
    'gateway.host',
    'is "0.0.0.0"',
    'by which GitLab reaches the gateway',
  ],
  [
    'the URL of a gateway on all addresses',
    good('kind: simulated', 'kind: existing, url: "http://[::]:5052"'),
    'gateway.url',
    'is "http://[::]:5052"',
    'by which GitLab reaches the gateway',
  ],
  [
    'a simulated GitLab elsewhere',
    good('http://127.0.0.1:18080', 'http://10.0.0.1:80'),
    'gitlab.url',
    'is "http://10.0.0.1:80"',
    'loopback only',
  ],
  ['a simulated GitLab with TLS', good('http://127', 'https://127'), 'gitlab.url', 'https://127.0.0.1', 'plain http'],
  [
    'a simulated GitLab that only sounds local',
    good('127.0.0.1:18080', '127.0.0.1.example:80'),
    'gitlab.url',
    'example',
    'loopback only',
  ],
  [
    'a URL of a file',
    good('http://127.0.0.1:18080', 'file:///etc/passwd'),
    'gitlab.url',
    'file:///etc/passwd',
    'http:// or https://',
  ],
  [
    'a URL that is none',
    real('https://gitlab.example', 'gitlab.example'),
    'gitlab.url',
    'is "gitlab.example"',
    'http:// or https://',
  ],
  [
    "a page of GitLab instead of GitLab's address",
    real('gitlab.example', 'gitlab.example/sub/users/sign_in'),
    'gitlab.url',
    '/users/sign_in',
    'the address of GitLab itself',
  ],
  [
    'a password in the URL',
    real('gitlab.example', 'root:secret-word@gitlab.example'),
    'gitlab.url',
    '[hidden]',
    'the address of GitLab itself',
  ],
  [
    'external without endpoint',
    real(', endpoint: "http://10.0.0.6:8001/v1"', ''),
    'model.endpoint',
    'is missing',
    'ending in /v1',
  ],
  ['an endpoint without /v1', real('8001/v1', '8001/api'), 'model.endpoint', '8001/api', 'ending in /v1'],
  [
    'an endpoint with a key',
    real('8001/v1', '8001/v1?api_key=x'),
    'model.endpoint',
    'api_key',
    'never put keys into a site file',
  ],
  [
    'the value of a key',
    real('"http://10.0.0.6:8001/v1"', '"http://10.0.0.6:8001/v1", endpointKey: {variable: sk-secret-value}'),
    'model.endpointKey.variable',
    '[api key]',
    'begins with SEALIFT_',
  ],
  [
    'llamacpp with the key of an endpoint',
    good('servedName: tiny}', 'servedName: tiny, endpointKey: {file: /key}}'),
    'model.endpointKey',
    'has fields',
    'only for engine external',
  ],
  [
    'llamacpp with an endpoint',
    good('servedName: tiny}', 'servedName: tiny, endpoint: "http://127.0.0.1:1/v1"}'),
    'model.endpoint',
    '127.0.0.1:1/v1',
    'only for engine external',
  ],
  [
    'a gateway with a port in its host',
    real('10.0.0.5', '"10.0.0.5:5052"'),
    'gateway.host',
    'is "10.0.0.5:5052"',
    'without a port',
  ],
  ['a host with a space', good('{port: 18000}', '{host: "a b", port: 18000}'), 'front.host', 'is "a b"', 'host name'],
  [
    'a host that is an option',
    good('{port: 18000}', '{host: "-x", port: 18000}'),
    'front.host',
    'is "-x"',
    'host name',
  ],
  [
    'a range of clients that starts in its middle',
    good('{port: 18000}', '{port: 18000, clients: [10.0.0.7/8]}'),
    'front.clients.0',
    'is "10.0.0.7/8"',
    'first address',
  ],
  ['an empty file', '', 'the file', 'is empty', 'a group of fields'],
  ['only comments', '# nothing\n', 'the file', 'is empty', 'a group of fields'],
  ['a list', '- 1\n- 2\n', 'the file', 'list', 'a group of fields'],
  ['plain text', 'Dear colleague, here is the site.\n', 'the file', 'Dear colleague', 'a group of fields'],
  ['not YAML', 'a: [1, 2\nb: }\n', 'YAML', '', ''],
  ['tabs for spaces', 'gitlab:\n\turl: x\n', 'YAML', '', 'Tabs'],
  ['two documents', `${goodSite}---\n${goodSite}`, 'YAML', '', 'document'],
  ['a field twice', `${goodSite}name: other\n`, 'YAML', '', 'unique'],
  ['an unknown tag', good('name: plant', 'name: !!js/function "x"'), 'YAML', '', 'tag'],
  ['an alias bomb', `${goodSite}${bomb}\n`, 'the file', 'aliases', 'write the values out'],
  [
    'one alias',
    good('servedName: tiny', 'servedName: *x').replace('name: plant', 'name: &x plant'),
    'the file',
    'aliases',
    'write the values out',
  ],
  ['deep nesting', `${goodSite}x: ${'['.repeat(20_000)}\n`, '', 'nested too deeply', ''],
  ['deep nesting that closes', `x: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`, '', 'nested too deeply', ''],
  ['a page of zeros', '\0'.repeat(4096), '', '', ''],
  ['JSON that is cut', '{"sealift": 1, "name":', 'YAML', '', ''],
];
