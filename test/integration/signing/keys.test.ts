import { statSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { goodSignatures, signEnvelope } from '../../../src/main/core/signing/dsse.ts';
import { ensureKey, loadSigner, newKey, showKey } from '../../../src/main/core/signing/keys.ts';
import { currentKey } from '../../../src/main/core/signing/own-keys.ts';
import { parseEnvelope } from '../../../src/main/core/signing/parse-envelope.ts';
import { isTrusted, readTrust, trustKey, untrustKey } from '../../../src/main/core/signing/trust.ts';
import { runHere } from '../../run-here.ts';
import { newSigner, writeMedia } from '../../scenes/write-media.ts';

let home = '';
let keys = '';
let trust = '';
const now = new Date('2026-11-21T00:00:00Z');

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sealift-keys-'));
  keys = join(home, 'keys');
  trust = join(home, 'trust.json');
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe('keys', () => {
  it('are private files whose signatures match the fingerprint', async () => {
    const made = await newKey(keys, 'packer');
    expect((await stat(keys)).mode & 0o777).toBe(0o700);
    expect((await stat(join(keys, 'packer.pem'))).mode & 0o777).toBe(0o600);
    const signer = await loadSigner('packer', keys);
    const signed = await parseEnvelope(Buffer.from(signEnvelope('text/plain', 'hello', signer)));
    expect(await goodSignatures(signed).next()).toEqual({ done: false, value: made.fingerprint });
    expect(await currentKey({ keys, trust }, now)).toEqual(made);
    expect((await loadSigner(join(keys, 'packer.pem'), '/nowhere')).keyId).toBe(made.fingerprint);
  });

  it('are never overwritten', async () => {
    await newKey(keys, 'packer');
    const before = await readFile(join(keys, 'packer.pem'));
    await expect(newKey(keys, 'packer')).rejects.toMatchObject({ code: 'key.exists', exitCode: 2 });
    expect(await readFile(join(keys, 'packer.pem'))).toEqual(before);
  });

  it('are created only once by ensureKey', async () => {
    const first = await ensureKey(keys, 'site');
    expect((await ensureKey(keys, 'site')).keyId).toBe(first.keyId);
    await expect(currentKey({ keys, trust }, now)).rejects.toMatchObject({ code: 'key.none' });
  });

  it('get their public half back if a kill left them without it', async () => {
    const made = await newKey(keys, 'site');
    const pub = await readFile(made.publicKeyFile);
    for (const again of [() => ensureKey(keys, 'site'), () => newKey(keys, 'site').catch(() => undefined)]) {
      await rm(made.publicKeyFile);
      // A command that only reads writes nothing.
      expect((await showKey(keys, 'site')).words).toBe(made.words);
      expect(await readdir(keys)).toEqual(['site.pem']);
      await again();
      expect(await readFile(made.publicKeyFile)).toEqual(pub);
    }
    expect((await stat(made.publicKeyFile)).mode & 0o777).toBe(0o644);
  });

  it('appear completely or not at all', async () => {
    const seen: number[] = [];
    const path = join(keys, 'packer.pem');
    const look = setInterval(() => {
      const found = statSync(path, { throwIfNoEntry: false });
      if (found) seen.push(found.size);
    }, 0);
    for (let round = 0; round < 50; round += 1) {
      await rm(path, { force: true });
      await newKey(keys, 'packer');
    }
    clearInterval(look);
    expect(seen.filter((size) => size === 0)).toEqual([]);
    expect(await readdir(keys)).toEqual(['packer.pem', 'packer.pub']);
  });

  it.each([['../x'], ['a/b'], [''], ['A'], ['.hidden']])('rejects the name %j', async (name) => {
    await expect(newKey(keys, name)).rejects.toMatchObject({ code: 'input.invalid' });
    expect(await readdir(home)).toEqual([]);
  });

  it('reveals nothing about a file that is not a key', async () => {
    const path = join(home, 'bad.pem');
    await writeFile(path, '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n');
    const error = await loadSigner(path, keys).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'key.invalid' });
    expect(JSON.stringify(error.wire)).not.toContain('c2VjcmV0');
  });
});

describe('trust', () => {
  it('accepts words, hex and public key files, each key once', async () => {
    const one = await newKey(keys, 'one');
    const two = await newKey(keys, 'two');
    await trustKey(trust, { fingerprint: one.words }, { now, label: 'the first' });
    await trustKey(trust, { fingerprint: one.fingerprint }, { now });
    await trustKey(trust, { publicKeyFile: two.publicKeyFile }, { now });
    const trusted = await readTrust(trust);
    expect(trusted.map((key) => [key.fingerprint, key.label])).toEqual([
      [one.fingerprint, 'the first'],
      [two.fingerprint, ''],
    ]);
    expect(isTrusted(trusted, two.fingerprint)).toBe(true);
    expect(
      isTrusted(
        trusted,
        two.fingerprint.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
      ),
    ).toBe(false);
  });

  it('rejects a private key file', async () => {
    await newKey(keys, 'one');
    const given = { publicKeyFile: join(keys, 'one.pem') };
    await expect(trustKey(trust, given, { now })).rejects.toMatchObject({ code: 'key.invalid' });
  });

  it.each([['{'], ['{"version":2,"keys":[]}'], ['{"version":1,"keys":[{"fingerprint":"ab"}]}']])(
    'trusts no key if the list is %j',
    async (text) => {
      await writeFile(trust, text);
      await expect(readTrust(trust)).rejects.toMatchObject({ code: 'trust.invalid', exitCode: 3 });
    },
  );
});

describe('sealift key', () => {
  it('creates, shows, trusts and lists keys', async () => {
    const made = await runHere('--home', home, 'key', 'new', 'packer', '--json');
    expect(made).toMatchObject({ exitCode: 0, json: { ok: true } });
    const { words, fingerprint } = made.json.data as { words: string; fingerprint: string };
    const shown = await runHere('--home', home, 'key', 'show', '--json');
    expect(shown.json.data).toMatchObject({ name: 'packer', words, fingerprint });
    const trusted = await runHere('--home', home, 'key', 'trust', ...words.split(' '), '--label', 'HQ', '--json');
    expect(trusted.json.data).toMatchObject({ isNew: true, words });
    const wrong = await runHere('--home', home, 'key', 'trust', ...words.split(' ').with(2, 'oark'), '--json');
    expect(wrong).toMatchObject({
      exitCode: 2,
      json: { error: { code: 'key.bad-fingerprint', details: { position: 3 } } },
    });
    const list = await runHere('--home', home, 'key', 'list', '--json');
    expect(list.json.data).toMatchObject({ own: [{ name: 'packer' }], trusted: [{ label: 'HQ', words }] });
    expect(await readdir(keys)).toEqual(['packer.pem', 'packer.pub']);
  });

  it('trusts nothing if the words do not match the file', async () => {
    const { publicKeyFile } = await newKey(keys, 'packer');
    const { words } = await newKey(keys, 'other');
    const both = await runHere('--home', home, 'key', 'trust', '--file', publicKeyFile, ...words.split(' '), '--json');
    expect(both).toMatchObject({ exitCode: 2, json: { error: { code: 'usage.invalid' } } });
    expect(await readTrust(trust)).toEqual([]);
  });

  it('reports that there is no signing key if only the report key exists', async () => {
    await newKey(keys, 'site');
    const run = await runHere('--home', home, 'key', 'show', '--json');
    expect(run).toMatchObject({ exitCode: 2, json: { error: { code: 'key.none' } } });
  });

  it('stops trusting a key by label or fingerprint, and lists the trusted keys', async () => {
    const one = await newKey(keys, 'one');
    const two = await newKey(keys, 'two');
    for (const label of ['HQ', 'Lab'])
      await trustKey(trust, { fingerprint: label === 'HQ' ? one.words : two.fingerprint }, { now, label });
    const unknown = await runHere('--home', home, 'key', 'untrust', 'nobody', '--json');
    expect(unknown).toMatchObject({ exitCode: 2, json: { error: { code: 'trust.unknown' } } });
    expect(await runHere('--home', home, 'key', 'untrust', 'HQ')).toMatchObject({ exitCode: 0 });
    expect((await readTrust(trust)).map((key) => key.label)).toEqual(['Lab']);
    const byWords = await runHere('--home', home, 'key', 'untrust', ...two.words.split(' '));
    expect(byWords.stdout).toContain(`No longer trusted: Lab, ${two.words}`);
    expect(await readTrust(trust)).toEqual([]);
    for (const key of [one, two]) await trustKey(trust, { fingerprint: key.words }, { now, label: 'same' });
    await expect(untrustKey(trust, 'same')).rejects.toMatchObject({ code: 'trust.which' });
  });

  it('compares the signing key with the trusted keys, so that a typing mistake is recognised', async () => {
    let signer = newSigner();
    // Two equal bytes in each other's place would be the same key.
    while (signer.keyId.slice(4, 6) === signer.keyId.slice(6, 8)) signer = newSigner();
    const [dir = ''] = writeMedia(join(home, 'media'), {
      signer,
      media: 1,
      contents: [{ kind: 'files', name: 'notes', files: { 'a.txt': Buffer.from('a') } }],
    }).dirs;
    const verify = async () => (await runHere('--home', home, 'bundle', 'verify', dir)).stderr;
    expect(await verify()).toContain('No key is trusted here yet.');
    await trustKey(trust, { fingerprint: `${'f1'.repeat(15)}0e` }, { now, label: 'other' });
    expect(await verify()).toContain('does not resemble any of the 1 trusted keys ("other …")');
    // Words contain a checksum that reveals a mistake; digits do not.
    const { keyId } = signer;
    const swapped = `${keyId.slice(0, 4)}${keyId.slice(6, 8)}${keyId.slice(4, 6)}${keyId.slice(8)}`;
    await trustKey(trust, { fingerprint: swapped }, { now, label: 'HQ packer' });
    const said = await verify();
    expect(said).toContain('The trusted key "HQ packer" differs only in word 3 and 4.');
    expect(said).toContain(`sealift --home ${home} key untrust 'HQ packer'`);
  });
});
