import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atTerminal } from '../../at-terminal.ts';
import { runHere } from '../../run-here.ts';
import type { Run } from '../../run-sealift.ts';

const passphrase = 'correct horse battery';
let folder = '';
const at = (...path: string[]) => join(folder, ...path);
const packing = (...args: string[]) => runHere('--json', '--home', at('packing'), ...args);
const site = (...args: string[]) => runHere('--json', '--home', at('site'), ...args);
const pack = (medium: string, ...more: string[]) =>
  packing('bundle', 'pack', at('B.yaml'), '--accept-licence', '--to', at(medium), '--no-read-back', ...more);
const importAt = (medium: string, ...more: string[]) => site('import', at(medium), '--engine', 'none', ...more);
const codeOf = ({ json }: Run) => json.error?.code;
const wordsOf = ({ json }: Run) => (json.data as { words: string }).words.split(' ');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-key-commands-'));
  await writeFile(at('NOTES.txt'), 'a note');
  await writeFile(at('B.yaml'), 'bundle: 1\nname: go\ncontents:\n  - {kind: files, name: notes, paths: [NOTES.txt]}\n');
  await writeFile(at('pass'), `${passphrase}\n`);
  await writeFile(at('wrong'), 'something else entirely\n');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a private key with a passphrase', () => {
  it('is encrypted on disk, and opened only by its passphrase, which is stored nowhere', async () => {
    const made = await packing('key', 'new', 'packer', '--passphrase-file', at('pass'));
    expect(made.json.data).toMatchObject({ isEncrypted: true });
    expect(await readFile(at('packing/keys/packer.pem'), 'utf8')).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    const locked = await pack('m');
    expect(locked).toMatchObject({ exitCode: 2, json: { error: { code: 'key.locked' } } });
    expect(codeOf(await pack('m', '--passphrase-file', at('wrong')))).toBe('key.wrong-passphrase');
    expect(codeOf(await pack('m', '--passphrase-file', at('absent')))).toBe('file.missing');
    expect((await pack('m', '--passphrase-file', at('pass'))).exitCode).toBe(0);
    expect((await packing('key', 'list')).json.data).toMatchObject({ own: [{ name: 'packer', isEncrypted: true }] });
    for (const name of await readdir(at('packing'), { recursive: true, withFileTypes: true }))
      if (name.isFile()) expect(await readFile(join(name.parentPath, name.name), 'utf8')).not.toContain(passphrase);
  });

  it('is set, changed and removed for an existing key, which stays the same key', async () => {
    const made = (await packing('key', 'new', 'packer')).json.data as { fingerprint: string };
    await writeFile(at('next'), `${passphrase} staple\n`);
    const pem = () => readFile(at('packing/keys/packer.pem'), 'utf8');
    const change = (...args: string[]) => packing('key', 'passphrase', 'packer', ...args);
    // A kill may have left no public half.
    await rm(at('packing/keys/packer.pub'));
    const set = await change('--new-passphrase-file', at('pass'));
    expect(set.json.data).toMatchObject({ isEncrypted: true, fingerprint: made.fingerprint });
    expect(await pem()).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    expect((await stat(at('packing/keys/packer.pem'))).mode & 0o777).toBe(0o600);
    expect(codeOf(await change('--new-passphrase-file', at('next')))).toBe('key.locked');
    const wrong = await change('--passphrase-file', at('wrong'), '--new-passphrase-file', at('next'));
    expect(codeOf(wrong)).toBe('key.wrong-passphrase');
    expect((await change('--passphrase-file', at('pass'), '--new-passphrase-file', at('next'))).exitCode).toBe(0);
    expect((await pack('m', '--passphrase-file', at('next'))).exitCode).toBe(0);
    const removed = await change('--passphrase-file', at('next'), '--remove');
    expect(removed.json.data).toMatchObject({ isEncrypted: false, fingerprint: made.fingerprint });
    expect(await pem()).toContain('BEGIN PRIVATE KEY');
  });

  it('is refused for an existing key if short, without a terminal, for no key, and for the key of reports', async () => {
    await packing('key', 'new', 'packer');
    const before = await readFile(at('packing/keys/packer.pem'), 'utf8');
    await writeFile(at('short'), 'short\n');
    const change = (name: string, ...args: string[]) => packing('key', 'passphrase', name, ...args);
    expect(codeOf(await change('packer', '--new-passphrase-file', at('short')))).toBe('input.invalid');
    expect(codeOf(await change('packer'))).toBe('usage.invalid');
    expect(codeOf(await change('packer', '--remove', '--new-passphrase-file', at('pass')))).toBe('usage.invalid');
    expect(codeOf(await change('absent', '--new-passphrase-file', at('pass')))).toBe('key.missing');
    expect(await readFile(at('packing/keys/packer.pem'), 'utf8')).toBe(before);
    await packing('key', 'new', 'site');
    expect(codeOf(await change('site', '--new-passphrase-file', at('pass')))).toBe('input.invalid');
  });

  it('is changed at a terminal, the current one first', async () => {
    await packing('key', 'new', 'packer', '--passphrase-file', at('pass'));
    const run = await atTerminal(
      ['--home', at('packing'), 'key', 'passphrase', 'packer'],
      [
        ['Current passphrase:', passphrase],
        ['New passphrase of the key:', 'another one entirely'],
        ['same again:', 'another one entirely'],
      ],
    );
    expect(run).toMatchObject({ exitCode: 0 });
    expect(run.text).not.toContain('another one');
    expect(codeOf(await pack('m', '--passphrase-file', at('pass')))).toBe('key.wrong-passphrase');
  });

  it('must not be short', async () => {
    await writeFile(at('pass'), 'short\n');
    const made = await packing('key', 'new', 'packer', '--passphrase-file', at('pass'));
    expect(made).toMatchObject({ exitCode: 2, json: { error: { code: 'input.invalid' } } });
  });

  it('is asked for at a terminal, without showing it', async () => {
    const home = ['--home', at('packing')];
    const twice: [string, string][] = [
      ['New passphrase of the key:', passphrase],
      ['same again:', passphrase],
    ];
    expect(await atTerminal([...home, 'key', 'new', 'packer', '--passphrase'], twice)).toMatchObject({ exitCode: 0 });
    const args = [...home, 'bundle', 'pack', at('B.yaml'), '--accept-licence', '--to', at('m'), '--no-read-back'];
    const packed = await atTerminal(args, [['packer.pem:', passphrase]]);
    expect(packed).toMatchObject({ exitCode: 0 });
    expect(packed.text).not.toContain(passphrase);
    expect((await atTerminal(args, [['packer.pem:', 'something else']])).text).toContain(
      'does not open the private key',
    );
  });

  it('is not asked for twice differently', async () => {
    const differs: [string, string][] = [
      ['New passphrase of the key:', passphrase],
      ['same again:', `${passphrase}.`],
    ];
    const run = await atTerminal(['--home', at('packing'), 'key', 'new', 'packer', '--passphrase'], differs);
    expect(run).toMatchObject({ exitCode: 2 });
    expect(run.text).toContain('the two passphrases differ');
    expect(codeOf(await packing('key', 'new', 'packer', '--passphrase'))).toBe('usage.invalid');
  });
});

describe('sealift key', () => {
  it.each([
    ['new', 'packer', '--expires', '2027-13-01'],
    ['new', 'packer', '--expires', 'tomorrow'],
    ['revoke', 'packer'],
    ['revoke', 'packer', '--reason', 'x'],
  ])('%s %s %s %s is refused', async (...args) => {
    expect(await packing('key', ...args.filter((one) => one !== undefined))).toMatchObject({ exitCode: 2 });
  });

  it('revoke travels with the next bundle, and blocks the revoked key on both sides', async () => {
    const old = wordsOf(await packing('key', 'new', 'packer'));
    const fresh = wordsOf(await packing('key', 'new', 'second'));
    await pack('first', '--key', 'packer');
    for (const words of [old, fresh]) await site('key', 'trust', ...words);
    expect(await importAt('first')).toMatchObject({ exitCode: 0 });
    expect((await packing('key', 'revoke', 'packer', '--reason', 'laptop stolen')).exitCode).toBe(0);
    expect(codeOf(await pack('again', '--key', 'packer'))).toBe('key.revoked');
    // The revoked key is no longer a choice, so none has to be named.
    expect((await pack('second')).exitCode).toBe(0);
    expect(await importAt('second')).toMatchObject({ exitCode: 0 });
    const refused = await importAt('first');
    expect(refused).toMatchObject({ exitCode: 3, json: { error: { code: 'bundle.revoked-key' } } });
    expect(refused.json.error?.message).toContain('laptop stolen');
    const listed = (await site('key', 'list')).json.data as { trusted: { condition: { state: string } }[] };
    expect(listed.trusted.map((one) => one.condition.state)).toEqual(['revoked', 'valid']);
    expect(codeOf(await site('key', 'trust', ...old))).toBe('key.revoked');
  });

  it('rotate leads to the new key by a yes only', async () => {
    const old = wordsOf(await packing('key', 'new', 'packer', '--passphrase-file', at('pass')));
    await site('key', 'trust', ...old, '--label', 'HQ');
    expect(codeOf(await packing('key', 'rotate'))).toBe('key.locked');
    const rotated = await packing('key', 'rotate', '--passphrase-file', at('pass'));
    expect(rotated.json.data).toMatchObject({ name: 'packer-2', old: old.join(' '), isEncrypted: true });
    expect((await pack('m', '--passphrase-file', at('pass'))).exitCode).toBe(0);
    const offered = await importAt('m');
    expect(offered).toMatchObject({ exitCode: 3, json: { error: { code: 'bundle.new-key' } } });
    const args = ['--home', at('site'), 'import', at('m'), '--engine', 'none'];
    expect(await atTerminal(args, [['Trust the new key? [y/N]', 'n']])).toMatchObject({ exitCode: 3 });
    expect(await atTerminal(args, [['Trust the new key? [y/N]', 'y']])).toMatchObject({ exitCode: 0 });
    const { trusted } = (await site('key', 'list')).json.data as { trusted: { label: string; words: string }[] };
    expect(trusted.map((one) => one.words)).toEqual([old.join(' '), wordsOf(rotated).join(' ')]);
  });

  it('new --expires warns once that day has come', async () => {
    const words = wordsOf(await packing('key', 'new', 'packer', '--expires', '2020-01-01'));
    const packed = await pack('m');
    expect(packed.exitCode).toBe(0);
    expect(packed.stderr).toContain('▲ The signing key expired 2020-01-01 00:00 UTC');
    await site('key', 'trust', ...words);
    const { findings } = (await importAt('m')).json.data as { findings: { id: string; severity: string }[] };
    expect(findings).toMatchObject([{ id: 'key.expired', severity: 'amber' }]);
  });
});
