import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { hexDigest } from '../../shared/digest.ts';
import { writeWhole } from '../core/files/write-whole.ts';

const sessionsFile = z.strictObject({
  /** Cookies ignore ports, so a unique name keeps two servers on one machine apart. */
  cookie: z.string().regex(/^sealift-[0-9a-f]{8}$/),
  /** Only hashes, so that reading the file does not allow anyone to sign in. */
  sessions: z.array(z.strictObject({ sha256: hexDigest, endsAt: z.iso.datetime() })).max(100),
});

const keptSessions = 20;
const sessionMs = 7 * 24 * 3600 * 1000;
const wrongLimit = 10;
const wrongWindowMs = 60_000;

/** Exchanges the token in the printed link for cookies, and recognises those cookies. */
export class SignIn {
  /** 256 random bits. Anyone who has it can sign in while this process runs. */
  readonly token = secret();
  readonly #file: string | undefined;
  readonly #now: () => Date;
  readonly #wrong = new Map<string, { count: number; endsAtMs: number }>();
  #state: z.infer<typeof sessionsFile>;
  #saving: Promise<void> = Promise.resolve();

  private constructor(file: string | undefined, now: () => Date, state: z.infer<typeof sessionsFile>) {
    this.#file = file;
    this.#now = now;
    this.#state = state;
  }

  /** With a file, sessions outlive the process, for a week each. An unreadable file is replaced. */
  static async open(file: string | undefined, now: () => Date): Promise<SignIn> {
    const text = file === undefined ? '' : await readFile(file, 'utf8').catch(() => '');
    return new SignIn(file, now, parse(text) ?? { cookie: `sealift-${randomBytes(4).toString('hex')}`, sessions: [] });
  }

  /**
   * Returns the cookie (`name=value`) for the right token. After 10 wrong ones from one address within a minute, further wrong ones are
   * too many; the right one always works, so that no neighbour can keep its owner out by guessing.
   */
  async trade(token: string, address: string): Promise<{ cookie: string } | 'wrong' | 'too-many'> {
    const nowMs = this.#now().getTime();
    if (!timingSafeEqual(digest(token), digest(this.token))) return this.#countWrong(address, nowMs);
    const value = secret();
    const endsAt = new Date(nowMs + sessionMs).toISOString();
    const older = this.#state.sessions.slice(-(keptSessions - 1));
    this.#state = { ...this.#state, sessions: [...older, { sha256: digest(value).toString('hex'), endsAt }] };
    await this.#save();
    return { cookie: `${this.#state.cookie}=${value}` };
  }

  #countWrong(address: string, nowMs: number): 'wrong' | 'too-many' {
    for (const [from, wrong] of this.#wrong) if (wrong.endsAtMs <= nowMs) this.#wrong.delete(from);
    const wrong = this.#wrong.get(address) ?? { count: 0, endsAtMs: nowMs + wrongWindowMs };
    if (wrong.count >= wrongLimit) return 'too-many';
    this.#wrong.set(address, { ...wrong, count: wrong.count + 1 });
    return 'wrong';
  }

  /** Returns whether a `Cookie` header contains a valid session. */
  isSignedIn(header: string | undefined): boolean {
    const now = this.#now().toISOString();
    const open = this.#state.sessions.filter((session) => session.endsAt > now);
    return (header ?? '').split(';').some((pair) => {
      const [name, value = ''] = pair.trim().split('=', 2);
      if (name !== this.#state.cookie) return false;
      return open.some((session) => timingSafeEqual(Buffer.from(session.sha256, 'hex'), digest(value)));
    });
  }

  #save(): Promise<void> {
    const file = this.#file;
    if (file === undefined) return Promise.resolve();
    // If the file cannot be written, sessions end with the process. That is no reason to refuse anyone now.
    this.#saving = this.#saving.then(() =>
      writeWhole(file, JSON.stringify(this.#state), { folderMode: 0o700 }).catch(() => undefined),
    );
    return this.#saving;
  }
}

function parse(text: string): z.infer<typeof sessionsFile> | undefined {
  try {
    return sessionsFile.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

// Digests have equal lengths, as timingSafeEqual requires.
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
