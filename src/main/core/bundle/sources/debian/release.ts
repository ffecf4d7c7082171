import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appError } from '../../../../../shared/errors/app-error.ts';
import { readNamed } from '../../../files/read-bounded.ts';
import { runTool, type ToolAnswer } from '../../../processes/run-tool.ts';

const maxKeyringBytes = 4 * 1024 * 1024;
const gpgvMs = 60_000;

/** The list of a repository's indexes. */
export interface Release {
  /** SHA-256 in hex of each index, by its path. */
  indexes: Map<string, string>;
  /** Its fields of one line. */
  fields: Map<string, string>;
}

/**
 * Returns what a signed document says, once gpgv has accepted its signature by a key of the keyring; undefined where gpgv is not installed.
 * `signature`: of a document that is signed beside it. Throws `pack.repository-unsigned`, `file.*`.
 */
export async function verifiedText(
  { signed, signature, url }: { signed: Buffer; signature?: Buffer; url: string },
  keyring: string,
): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'sealift-release-'));
  const at = (name: string) => join(folder, name);
  try {
    await writeFile(at('keys.gpg'), unarmoured(await readNamed(keyring, maxKeyringBytes, 'The keyring')));
    await writeFile(at('signed'), signed);
    if (signature) await writeFile(at('signature'), signature);
    // What gpgv writes is what was signed. The file may have more before and after it.
    const files = signature ? [at('signature'), at('signed')] : ['--output', at('text'), at('signed')];
    const answer = await runTool('gpgv', ['--status-fd', '1', '--keyring', at('keys.gpg'), ...files], gpgvMs);
    if (answer.kind === 'missing') return undefined;
    const said = saidBy(answer);
    if (isAccepted(said)) return signature ? signed.toString('utf8') : await readFile(at('text'), 'utf8');
    const problem = (
      said.split('\n').find((line) => /BAD|No public key|Can't check|no valid/i.test(line)) ?? said
    ).trim();
    throw appError('pack.repository-unsigned', { url, keyring, problem: problem.slice(0, 200) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function saidBy(answer: Exclude<ToolAnswer, { kind: 'missing' }>): string {
  if (answer.kind === 'silent') return 'gpgv did not answer';
  return answer.kind === 'ok' ? `${answer.stdout}\n${answer.stderr}` : answer.output;
}

/**
 * One good signature and none that is bad, as apt decides. Others may be by keys that the keyring lacks, for which gpgv ends with an error;
 * it does not for a key that has expired, which makes no signature good.
 */
function isAccepted(said: string): boolean {
  const has = (word: string) => new RegExp(`^\\[GNUPG:\\] ${word} `, 'm').test(said);
  return has('GOODSIG') && has('VALIDSIG') && !has('BADSIG') && !has('ERROR');
}

/** Reads a Release file, also the text around whose signature was not checked. */
export function parseRelease(text: string): Release {
  const part = /^SHA256:[ \t]*\r?\n((?:[ \t]+.*(?:\r?\n|$))*)/m.exec(text)?.[1] ?? '';
  const rows = [...part.matchAll(/^[ \t]+([0-9a-f]{64})[ \t]+\d+[ \t]+(\S+)[ \t]*\r?$/gm)];
  const indexes = rows.map(([, sha256 = '', path = '']) => [path, sha256] as const);
  const fields = [...text.matchAll(/^([A-Za-z][\w-]*):[ \t]*(\S.*)$/gm)].map(
    ([, name = '', value = '']) => [name, value.trim()] as const,
  );
  return { indexes: new Map(indexes), fields: new Map(fields) };
}

/** gpgv reads no keyrings in text form, as many projects publish theirs. */
function unarmoured(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  if (!text.trimStart().startsWith('-----BEGIN PGP PUBLIC KEY BLOCK-----')) return bytes;
  const blocks = [
    ...text.matchAll(
      /-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(?:[^\r\n]+\r?\n)*?\r?\n([^-]+?)(?:\r?\n=[\w+/]{4})?\r?\n-----END/g,
    ),
  ];
  return Buffer.concat(blocks.map(([, body = '']) => Buffer.from(body, 'base64')));
}
