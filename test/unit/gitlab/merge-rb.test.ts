import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { unifiedDiff } from '../../../src/main/core/files/unified-diff.ts';
import { mergeRb, removeRb } from '../../../src/main/core/gitlab/merge-rb.ts';
import { missing } from '../../needs.ts';

const variables = {
  GITLAB_LICENSE_MODE: 'production',
  CUSTOMER_PORTAL_URL: 'https://customers.gitlab.com',
  AI_GATEWAY_URL: 'http://10.0.0.5:5052',
};
const env = "gitlab_rails['env']";

/** Shapes of a gitlab.rb, each with what else must be in GitLab's environment afterwards. */
const shapes: [shape: string, text: string, kept?: Record<string, string>][] = [
  ['an empty file', ''],
  ['only the address', "external_url 'https://gitlab.inside.example'\n"],
  ['the commented defaults of a package', `## Env\n# ${env} = {\n#   'BUNDLE_GEMFILE' => "/opt/Gemfile"\n# }\n`],
  [
    'a hash in one line',
    `${env} = { 'HTTP_PROXY' => 'http://10.0.0.1:3128' }\n`,
    { HTTP_PROXY: 'http://10.0.0.1:3128' },
  ],
  ['a hash over lines', `${env} = {\n  "A" => "1",\n  "B" => "2",\n}\n`, { A: '1', B: '2' }],
  ['a single key', `${env}['MALLOC_ARENA_MAX'] = '2'\n`, { MALLOC_ARENA_MAX: '2' }],
  ['double quotes in the name', 'gitlab_rails["env"] = {"A" => "1"}\n', { A: '1' }],
  ['a symbol as the name', "gitlab_rails[:env] = {'A' => '1'}\ngitlab_rails['env'] = gitlab_rails[:env]\n", { A: '1' }],
  ['the same key twice', `${env} = {'A' => '1'}\n${env} = {'A' => '2'}\n`, { A: '2' }],
  ['an older address of a gateway', `${env} = {'AI_GATEWAY_URL' => 'http://old:5052', 'A' => '1'}\n`, { A: '1' }],
  ['a merge', `${env} = {'A' => '1'}.merge({'B' => '2'})\n`, { A: '1', B: '2' }],
  ['a merge in place', `${env} = {}\n${env}.merge!('A' => '1')\n`, { A: '1' }],
  ['a condition', `if ENV['NOT_SET_ANYWHERE'].nil?\n  ${env} = {'A' => '1'}\nend\n`, { A: '1' }],
  ['a condition behind the line', `${env} = {'A' => '1'} unless ENV['NOT_SET_ANYWHERE']\n`, { A: '1' }],
  ['a value of the environment', `${env} = {'A' => ENV.fetch('NOT_SET_ANYWHERE', 'fallback')}\n`, { A: 'fallback' }],
  ['a variable', `proxy = 'http://p'\n${env} = {'A' => proxy}\n`, { A: 'http://p' }],
  ['text with a placeholder', `host = 'p'\n${env} = {'A' => "http://#{host}:1"} # <<NOT\n`, { A: 'http://p:1' }],
  ['nested quotes', `${env} = {'A' => "it's \\"so\\"", 'B' => %q(it's 'so')}\n`, { A: 'it\'s "so"', B: "it's 'so'" }],
  ['a here-document', "gitlab_rails['ldap_servers'] = YAML.load <<-'EOS'\n  main:\n    label: 'LDAP'\nEOS\n"],
  ['an indented here-document', `${env} = {'A' => <<~TEXT.strip}\n    one\n    TEXT\n`, { A: 'one' }],
  [
    'a here-document with what looks like ours',
    `${env} = {'A' => <<~T.strip}\n  # >>> AI Gateway (written by Sealift)\n  # <<< AI Gateway\nT\n`,
  ],
  ['a here-document with __END__', `${env} = {'A' => <<T.strip}\n__END__\nT\n`, { A: '__END__' }],
  ['two here-documents in a line', `${env} = {'A' => <<X.strip, 'B' => <<Y.strip}\n1\nX\n2\nY\n`, { A: '1', B: '2' }],
  ['data after __END__', `${env} = {'A' => '1'}\n__END__\nnot Ruby: {{{\n`, { A: '1' }],
  ['__END__ without a line break', `${env} = {'A' => '1'}\n__END__`, { A: '1' }],
  ['a block comment', `=begin\n${env} = {'A' => 'commented'}\n__END__\n=end\n${env} = {'B' => '2'}\n`, { B: '2' }],
  ['no line break at the end', `${env} = {'A' => '1'}`, { A: '1' }],
  ['a comment without a line break at the end', '# the end'],
  ['line breaks of Windows', `external_url 'https://x'\r\n${env} = {\r\n  'A' => '1'\r\n}\r\n`, { A: '1' }],
  ['spaces at the ends of lines', `${env} = {   \n  'A' => '1',   \n}   \n\n\n`, { A: '1' }],
  ['tabs', `\t${env}\t=\t{'A'\t=>\t'1'}\n`, { A: '1' }],
  ['non-ASCII text', `# Größe, 日本語, ✓\n${env} = {'A' => 'Zürich'}\n`, { A: 'Zürich' }],
  ['a byte order mark', `\u{feff}external_url 'https://x'\n`],
  ['a continued line', `${env} = \\\n  {'A' => '1'}\n`, { A: '1' }],
  ['keys as symbols', `${env} = {A: '1'}.transform_keys(&:to_s)\n`, { A: '1' }],
  ['a loop', `${env} = {}\n%w(A B).each { |one| ${env}[one] = one.downcase }\n`, { A: 'a', B: 'b' }],
  ['nil', `${env} = nil\n`],
  ['the roles of a package', "roles ['application_role']\nnginx['enable'] = false\npuma['worker_processes'] = 2\n"],
];

/** What Omnibus gives a gitlab.rb: settings as hashes, which make what is missing in them, and a few methods. */
const omnibus = `require 'json'
require 'yaml'
def gitlab_rails; $settings ||= Hash.new { |all, name| all[name] = {} }; end
def nginx; $nginx ||= {}; end
def puma; $puma ||= {}; end
def external_url(_url = nil); end
def roles(*_roles); end
eval(File.read(ARGV[0], encoding: 'bom|utf-8'), TOPLEVEL_BINDING.dup, ARGV[0])
puts JSON.generate(gitlab_rails['env'])
`;

const bytes = (text: string) => Buffer.from(text).toString('latin1');

describe('the changed gitlab.rb', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sealift-rb-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'gitlab.rb');
  const run = (command: string, ...args: string[]) => spawnSync(command, args, { cwd: folder, encoding: 'utf8' });

  it.each(shapes)('comes back as it was, and changes no more when merged again: %s', (_shape, text) => {
    const before = bytes(text);
    const merged = mergeRb(before, variables);
    expect(mergeRb(merged, variables)).toBe(merged);
    expect(removeRb(merged)).toBe(before);
    expect(removeRb(before)).toBe(before);
    const moved = mergeRb(merged, { AI_GATEWAY_URL: 'http://10.0.0.6:5052' });
    expect(moved).not.toContain('10.0.0.5');
    expect(removeRb(moved)).toBe(before);
  });

  it('keeps what follows a block that lost its last line', () => {
    const block = mergeRb('', variables);
    const damaged = `${block.slice(0, block.indexOf('# <<< '))}puma['worker_processes'] = 2\n`;
    const merged = mergeRb(damaged, variables);
    expect(merged).toContain("puma['worker_processes'] = 2");
    expect(mergeRb(merged, variables)).toBe(merged);
    expect(removeRb(merged)).toBe(damaged);
  });

  it.skipIf(missing('patch')).each(shapes)('is what patch makes of the diff: %s', (_shape, text) => {
    const merged = mergeRb(bytes(text), variables);
    writeFileSync(path, bytes(text), 'latin1');
    writeFileSync(join(folder, 'change.diff'), unifiedDiff('gitlab.rb', bytes(text), merged), 'latin1');
    expect(run('patch', '--binary', '-p0', '-i', 'change.diff').stderr).toBe('');
    expect(readFileSync(path, 'latin1')).toBe(merged);
  });

  it.skipIf(missing('ruby')).each(shapes)(
    'is Ruby that keeps what was set and sets the address: %s',
    (_shape, text, kept = {}) => {
      writeFileSync(path, mergeRb(bytes(text), variables), 'latin1');
      expect(run('ruby', '-c', path)).toMatchObject({ status: 0, stdout: 'Syntax OK\n' });
      const ran = run('ruby', '-e', omnibus, path);
      expect(ran.stderr).toBe('');
      expect(JSON.parse(ran.stdout)).toMatchObject({ ...kept, ...variables });
    },
  );

  it.skipIf(missing('ruby'))('quotes a value as Ruby reads it', () => {
    const value = "it's a \\ #{1}";
    writeFileSync(path, mergeRb('', { A: value }));
    expect(JSON.parse(run('ruby', '-e', omnibus, path).stdout)).toEqual({ A: value });
  });
});
