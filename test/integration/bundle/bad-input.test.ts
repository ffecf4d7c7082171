import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type MediumPayload, mediumPayloadType } from '../../../src/main/core/bundle/format/format.ts';
import { openMedia } from '../../../src/main/core/bundle/read/open-media.ts';
import { canonicalJson } from '../../../src/main/core/signing/canonical-json.ts';
import { type Envelope, type Signer, signEnvelope } from '../../../src/main/core/signing/dsse.ts';
import { fingerprintToWords } from '../../../src/main/core/signing/fingerprint.ts';
import { trustKey } from '../../../src/main/core/signing/trust.ts';
import type { AppError } from '../../../src/shared/errors/app-error.ts';
import { runHere } from '../../run-here.ts';
import {
  type FakeBundle,
  type FakeOptions,
  newSigner,
  sha256,
  someBytes,
  writeAt,
  writeMedia,
} from '../../scenes/write-media.ts';

const contents: FakeOptions['contents'] = [
  { kind: 'model', name: 'tiny', files: { 'model.gguf': someBytes(300_000, 'm'), 'config.json': Buffer.from('{}') } },
];
let folder = '';
let home = '';
let signer: Signer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-bad-'));
  home = join(folder, 'home');
  signer = newSigner();
  await trust(signer);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function trust(one: Signer) {
  return trustKey(join(home, 'trust.json'), { fingerprint: fingerprintToWords(one.keyId) }, { now: new Date() });
}

function write(options: Partial<FakeOptions> = {}): FakeBundle {
  return writeMedia(folder, { contents, signer, media: 2, partBytes: 65_536, ...options });
}

function open(dirs: string[], override?: string) {
  return openMedia(dirs, join(home, 'trust.json'), { overrideReason: override });
}

function envelopeOf(root: string): Envelope {
  return JSON.parse(readFileSync(join(root, 'sealift/media.json'), 'utf8'));
}

function payloadOf(root: string): MediumPayload {
  return JSON.parse(Buffer.from(envelopeOf(root).payload, 'base64').toString());
}

function putEnvelope(root: string, value: unknown): void {
  writeAt(root, 'sealift/media.json', JSON.stringify(value));
}

function flip(text: string, at: number): string {
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
}

type Row = [what: string, code: string, exitCode: number, make: () => string[]];

const notMedia: Row[] = [
  ['a folder that is not there', 'file.missing', 2, () => [join(folder, 'nowhere')]],
  [
    'an empty folder',
    'bundle.not-a-bundle',
    2,
    () => {
      mkdirSync(join(folder, 'empty'));
      return [join(folder, 'empty')];
    },
  ],
  [
    'a file',
    'bundle.not-a-bundle',
    2,
    () => {
      writeFileSync(join(folder, 'file'), 'x');
      return [join(folder, 'file')];
    },
  ],
  [
    'a medium whose packing did not end',
    'bundle.unfinished',
    3,
    () => {
      const { dirs } = write();
      writeAt(dirs[0] ?? '', 'sealift/UNFINISHED', 'x');
      return dirs;
    },
  ],
];

const envelopes: Row[] = [
  ['2 GB of envelope', 'file.too-large', 3, () => sparse()],
  ['no JSON', 'bundle.malformed', 3, () => withEnvelope(() => 'nonsense')],
  ['another JSON', 'bundle.malformed', 3, () => withEnvelope(() => ({ a: 1 }))],
  ['a member too many', 'bundle.malformed', 3, () => withEnvelope((one) => ({ ...one, more: 1 }))],
  ['no signature', 'bundle.unsigned', 3, () => withEnvelope((one) => ({ ...one, signatures: [] }))],
  ['no list of signatures', 'bundle.unsigned', 3, () => withEnvelope(({ signatures: _none, ...one }) => one)],
  [
    'a changed payload',
    'bundle.bad-signature',
    3,
    () => withEnvelope((one) => ({ ...one, payload: flip(one.payload, 40) })),
  ],
  [
    'a changed type',
    'bundle.bad-signature',
    3,
    () => withEnvelope((one) => ({ ...one, payloadType: `${one.payloadType}x` })),
  ],
  [
    'a changed signature',
    'bundle.bad-signature',
    3,
    () =>
      withEnvelope((one) => ({
        ...one,
        signatures: one.signatures.map((mark) => ({ ...mark, sig: flip(mark.sig, 3) })),
      })),
  ],
  [
    "a trusted key's name on another's signature",
    'bundle.bad-signature',
    3,
    () => {
      const { dirs } = write({ signer: newSigner() });
      const one = envelopeOf(dirs[0] ?? '');
      const claimed = one.signatures.map((mark) => ({ ...mark, keyid: signer.keyId }));
      putEnvelope(dirs[0] ?? '', { ...one, signatures: claimed });
      return dirs;
    },
  ],
  ['a key that nobody trusts', 'bundle.untrusted', 3, () => write({ signer: newSigner() }).dirs],
  ['a signed payload of another type', 'bundle.unknown-payload-type', 3, () => resigned((text) => text, 'text/plain')],
  [
    'a head in the place of a medium',
    'bundle.unknown-payload-type',
    3,
    () => {
      const { dirs } = write();
      cpSync(join(dirs[1] ?? '', 'sealift/bundle.json'), join(dirs[0] ?? '', 'sealift/media.json'));
      return dirs;
    },
  ],
  ['a payload with white space', 'bundle.malformed', 3, () => resigned((text) => `${text}\n`)],
  [
    'a payload with a member twice',
    'bundle.malformed',
    3,
    () => resigned((text) => text.replace('{', '{"bundle":"x",')),
  ],
  ['a payload in another order', 'bundle.malformed', 3, () => resigned((text) => reordered(text))],
  ['a payload of brackets', 'bundle.malformed', 3, () => resigned(() => '['.repeat(200_000) + ']'.repeat(200_000))],
  [
    'a payload that is not UTF-8',
    'bundle.malformed',
    3,
    () => resigned(() => Buffer.from([0x22, 0xff, 0x22]).toString('latin1')),
  ],
  [
    'a newer medium',
    'bundle.newer-format',
    3,
    () => write({ lies: { medium: (one) => ({ ...one, version: 2 }) } }).dirs,
  ],
  ...['licence\u001b]0;owned\u0007', 'MIT\n● signed by a trusted key', 'txt\u202eexe'].map(
    (text): [string, string, number, () => string[]] => [
      `a licence that draws on the terminal: ${JSON.stringify(text)}`,
      'bundle.malformed',
      3,
      () =>
        write({
          lies: {
            head: (one) => ({ ...one, contents: one.contents.map((content) => ({ ...content, licence: text })) }),
          },
        }).dirs,
    ],
  ),
  ['a newer head', 'bundle.newer-format', 3, () => write({ lies: { head: (one) => ({ ...one, version: 2 }) } }).dirs],
];

const paths: Row[] = [
  '../x',
  '/etc/passwd',
  'sealift/../x',
  'sealift//x',
  './x',
  'sealift\\x',
  'C:x',
  'sealift/x\n',
  'x'.repeat(256),
  'sealift/media.json',
].map((path) => [`the path ${JSON.stringify(path.slice(0, 30))}`, 'bundle.malformed', 3, () => withPaths([path])]);

const lists: Row[] = [
  ['a file twice', 'bundle.malformed', 3, () => withPaths(['a', 'a'])],
  ['files out of order', 'bundle.malformed', 3, () => withPaths(['b', 'a'])],
  ['paths that differ by case', 'bundle.malformed', 3, () => withPaths(['A', 'a'])],
  ['a path that is file and folder', 'bundle.malformed', 3, () => withPaths(['a', 'a/b'])],
  [
    'a blob under another name',
    'bundle.malformed',
    3,
    () => withPaths([`sealift/layout/blobs/sha256/${'0'.repeat(64)}`]),
  ],
  [
    'a block too many',
    'bundle.malformed',
    3,
    () =>
      write({
        lies: {
          medium: (one) => ({
            ...one,
            files: one.files.map((file) => ({ ...file, blocks: [...file.blocks, file.sha256] })),
          }),
        },
      }).dirs,
  ],
  [
    'a head with media out of order',
    'bundle.malformed',
    3,
    () => write({ lies: { head: (one) => ({ ...one, media: one.media.toReversed() }) } }).dirs,
  ],
  [
    'a head with two of a name',
    'bundle.malformed',
    3,
    () => write({ lies: { head: (one) => ({ ...one, contents: [...one.contents, ...one.contents] }) } }).dirs,
  ],
];

const sets: Row[] = [
  [
    'media of two bundles',
    'bundle.foreign',
    3,
    () => [...write().dirs, ...writeMedia(join(folder, 'other'), { contents, signer }).dirs],
  ],
  [
    "another bundle's head",
    'bundle.foreign',
    3,
    () => {
      const [first = ''] = write().dirs;
      const [other = ''] = writeMedia(join(folder, 'other'), { contents, signer }).dirs;
      cpSync(join(other, 'sealift/bundle.json'), join(first, 'sealift/bundle.json'));
      return [first];
    },
  ],
  [
    'a medium of an earlier packing',
    'bundle.swapped-medium',
    3,
    () => {
      const { id, dirs } = write();
      const earlier = writeMedia(join(folder, 'earlier'), { contents, signer, id, media: 2, partBytes: 131_072 });
      return [earlier.dirs[0] ?? '', dirs[1] ?? ''];
    },
  ],
  [
    'a medium beyond the list',
    'bundle.swapped-medium',
    3,
    () => {
      const { id, dirs } = write();
      const more = writeMedia(join(folder, 'more'), { contents, signer, id, media: 3, partBytes: 65_536 });
      rmSync(join(more.dirs[2] ?? '', 'sealift/bundle.json'));
      return [dirs[1] ?? '', more.dirs[2] ?? ''];
    },
  ],
  [
    'a copy of a medium',
    'bundle.duplicate-medium',
    3,
    () => {
      const { dirs } = write();
      cpSync(dirs[0] ?? '', join(folder, 'copy'), { recursive: true });
      return [...dirs, join(folder, 'copy')];
    },
  ],
  [
    'a link instead of the envelope',
    'bundle.link',
    3,
    () => {
      const { dirs } = write();
      renameSync(join(dirs[0] ?? '', 'sealift/media.json'), join(folder, 'media.json'));
      symlinkSync(join(folder, 'media.json'), join(dirs[0] ?? '', 'sealift/media.json'));
      return dirs;
    },
  ],
  [
    'a link instead of the folder',
    'bundle.link',
    3,
    () => {
      const { dirs } = write();
      renameSync(join(dirs[0] ?? '', 'sealift'), join(folder, 'elsewhere'));
      symlinkSync(join(folder, 'elsewhere'), join(dirs[0] ?? '', 'sealift'));
      return dirs;
    },
  ],
  [
    'a pipe instead of the envelope',
    'bundle.link',
    3,
    () => {
      const { dirs } = write();
      rmSync(join(dirs[0] ?? '', 'sealift/media.json'));
      spawnSync('mkfifo', [join(dirs[0] ?? '', 'sealift/media.json')]);
      return dirs;
    },
  ],
];

describe('openMedia refuses', () => {
  it.each([...notMedia, ...envelopes, ...paths, ...lists, ...sets])('%s: %s', async (_what, code, exitCode, make) => {
    await expect(open(make())).rejects.toMatchObject({ code, exitCode });
  });

  it('says so on the command line, with the way out', async () => {
    const [dir = ''] = write({ signer: newSigner(), media: 1 }).dirs;
    for (const command of [['bundle', 'verify'], ['bundle', 'inspect'], ['import']]) {
      const run = await runHere('--home', home, ...command, dir, '--json');
      expect(run).toMatchObject({ exitCode: 3, json: { ok: false, error: { code: 'bundle.untrusted' } } });
    }
    const run = await runHere('--home', home, 'bundle', 'verify', dir);
    expect(run.stderr).toContain(`sealift --home ${home} key trust WORD WORD`);
  });
});

describe('several signatures', () => {
  it('make a medium trusted by one of them, wherever it is', async () => {
    const strangers = Array.from({ length: 7 }, newSigner);
    const dirs = withEnvelope((one) => {
      const payload = Buffer.from(one.payload, 'base64').toString();
      const others = strangers.map((by) => JSON.parse(signEnvelope(one.payloadType, payload, by)).signatures[0]);
      return { ...one, signatures: [...others, ...one.signatures] };
    }).slice(0, 1);
    expect((await open(dirs)).signature).toMatchObject({ isTrusted: true, keyId: signer.keyId });
  });
});

describe('an override', () => {
  it('lets an untrusted and an unsigned medium pass, and reports it', async () => {
    const untrusted = await open(write({ signer: newSigner() }).dirs, 'the lab has no phone');
    expect(untrusted.signature).toMatchObject({ isTrusted: false, overrideReason: 'the lab has no phone' });
    const unsigned = await open(withEnvelope((one) => ({ ...one, signatures: [] })).slice(0, 1), 'test');
    expect(unsigned.signature).toMatchObject({ keyId: '', isTrusted: false });
  });

  it('never lets a wrong signature pass', async () => {
    const dirs = withEnvelope((one) => ({ ...one, payload: flip(one.payload, 40) }));
    await expect(open(dirs, 'test')).rejects.toMatchObject({ code: 'bundle.bad-signature' });
  });

  it('is not recorded where it was not needed', async () => {
    expect((await open(write().dirs, 'just in case')).signature).toEqual({ keyId: signer.keyId, isTrusted: true });
  });
});

describe('openMedia takes', () => {
  it('roots, folders of roots, the folder sealift, and each medium once', async () => {
    const { dirs, id, head } = write();
    const [first = '', second = ''] = dirs;
    for (const given of [dirs, [folder], [join(first, 'sealift'), `${second}/`], [first, first, second, folder]]) {
      const bundle = await open(given);
      expect(bundle.media.map((medium) => medium.label)).toEqual(['TEST-1', 'TEST-2']);
      expect(bundle).toMatchObject({ id, missing: [] });
      expect(bundle.head?.payload).toEqual(head);
    }
  });

  it('the last medium alone, and names what is missing', async () => {
    const bundle = await open(write().dirs.slice(1));
    expect(bundle.missing).toEqual([{ ordinal: 1, label: 'TEST-1' }]);
  });

  it('the first medium alone, without the list of the whole', async () => {
    const bundle = await open(write().dirs.slice(0, 1));
    expect(bundle.head).toBeUndefined();
    expect(bundle.partsOf(sha256(someBytes(300_000, 'm'))).parts.map((one) => one.index)).toEqual([0, 1, 2]);
  });
});

describe('media of a newer format', () => {
  const newer = () => {
    const { dirs } = write({ lies: { medium: (one) => ({ ...one, version: 2 }) } });
    const installer = join(dirs[0] ?? '', 'sealift/app/install.sh');
    mkdirSync(join(installer, '..'));
    writeFileSync(installer, 'exit 0\n');
    return { dirs, installer };
  };
  const remediesOf = (dirs: string[], reason?: string) =>
    open(dirs, reason).then(
      () => '',
      ({ wire }: AppError) => JSON.stringify([wire.code, wire.remedies]),
    );

  it('that bring Sealift lead to its installer', async () => {
    const { dirs, installer } = newer();
    const said = await remediesOf(dirs);
    expect(said).toContain(`Update Sealift from the medium: sh ${installer}`);
    // Only the list of the medium is signed by someone who is trusted, not what lies next to it.
    expect(said.indexOf('First check who packed it')).toBeGreaterThan(0);
    expect(said.indexOf('First check who packed it')).toBeLessThan(said.indexOf('Update Sealift'));
    rmSync(installer);
    expect(await remediesOf(dirs)).not.toContain('Update Sealift from the medium');
  });

  it('never lead to that of a stranger', async () => {
    signer = newSigner();
    const said = await remediesOf(newer().dirs, 'a test');
    expect(said).toContain('bundle.newer-format');
    expect(said).not.toContain('install.sh');
  });
});

function withEnvelope(change: (one: Envelope) => unknown): string[] {
  const { dirs } = write();
  const [first = ''] = dirs;
  putEnvelope(first, change(envelopeOf(first)));
  return dirs;
}

function resigned(change: (text: string) => string, type = mediumPayloadType): string[] {
  const { dirs } = write();
  const [first = ''] = dirs;
  const text = change(canonicalJson(payloadOf(first)));
  // latin1 lets a row put bytes that are no UTF-8.
  const isRaw = /[\u0080-\u00ff]/.test(text);
  const signed = signEnvelope(type, isRaw ? (Buffer.from(text, 'latin1') as unknown as string) : text, signer);
  writeAt(first, 'sealift/media.json', signed);
  return dirs;
}

function reordered(text: string): string {
  const entries = Object.entries(JSON.parse(text)).toReversed();
  return JSON.stringify(Object.fromEntries(entries));
}

function withPaths(given: string[]): string[] {
  const files = given.map((path) => ({ path, sizeBytes: 0, sha256: sha256(''), blocks: [] }));
  return write({ lies: { medium: (one) => ({ ...one, files }) } }).dirs;
}

function sparse(): string[] {
  const { dirs } = write();
  truncateSync(join(dirs[0] ?? '', 'sealift/media.json'), 2 ** 31);
  return dirs;
}
