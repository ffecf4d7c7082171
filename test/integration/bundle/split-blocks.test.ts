import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { blockBytes } from '../../../src/main/core/bundle/format/format.ts';
import { Beside } from '../../../src/main/core/bundle/pack/beside.ts';
import { CopyTools, copyBlob } from '../../../src/main/core/bundle/pack/copy-blob.ts';
import { RemoteHosts } from '../../../src/main/core/remote/remote-hosts.ts';
import { hexOf } from '../../../src/shared/digest.ts';
import { HttpsServer, type SeenRequest } from '../../fakes/https-server.ts';
import { type MadeCertificate, makeCertificate } from '../../scenes/certificates.ts';
import { digestOf } from '../../scenes/make-sources.ts';

const mebibyte = 1024 * 1024;
const blob = randomBytes(3 * blockBytes + 5 * mebibyte + 123);
/** Every connection is slower than the one, none is slower than the other. */
const [alwaysSlow, neverSlow] = [Number.POSITIVE_INFINITY, 0];

/** A request for the blob, and what it got. */
interface Sent {
  from: number;
  end: number;
  isWhole: boolean;
  bytes: number;
  entered: number;
  socket: unknown;
}

let made: string;
let certificate: MadeCertificate;
let folder: string;
/** Asks for a login and redirects to the other one. */
let hub: HttpsServer;
let store: HttpsServer;
let sent: Sent[];
let open: Set<ServerResponse>;
let stop: AbortController;
/** Answers in the place of the store. */
let fault: (one: Sent, response: ServerResponse) => boolean;
let headers: Record<string, string>;
/** A stream without an end stops at the end of its block, so that what is sent of the next one does not hang on the moment it is closed. */
let isHeld: boolean;

beforeAll(async () => {
  made = await mkdtemp(join(tmpdir(), 'sealift-split-'));
  certificate = await makeCertificate(made, 'good');
});
afterAll(() => rm(made, { recursive: true }));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-split-'));
  [sent, open, stop] = [[], new Set(), new AbortController()];
  [fault, headers, isHeld] = [() => false, { 'accept-ranges': 'bytes' }, true];
  hub = await HttpsServer.start(certificate, ({ authorization }, response) => {
    if (authorization === 'Bearer secret') response.writeHead(302, { location: `https://${store.host}/blob?signed` });
    else response.writeHead(401);
    response.end();
  });
  store = await HttpsServer.start(certificate, (seen, response) => void answer(seen, response));
  vi.stubEnv('NO_PROXY', '127.0.0.1');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  await store.close();
  await rm(folder, { recursive: true });
});

const ledger = () => join(folder, 'ledger');
const enteredBlocks = async (): Promise<string[]> =>
  (await readFile(ledger(), 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).sha256);

async function answer({ range }: SeenRequest, response: ServerResponse): Promise<void> {
  const [, from = '0', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  const end = last === '' ? blob.length : Number(last) + 1;
  const entered = (await enteredBlocks()).length;
  const one: Sent = { from: Number(from), end, isWhole: last === '', bytes: 0, entered, socket: response.socket };
  sent.push(one);
  open.add(response);
  response.once('close', () => open.delete(response));
  if (!fault(one, response)) await send(one, response);
}

/** Sends what was asked for, or so many bytes of it. */
async function send(one: Sent, response: ServerResponse, most = Number.POSITIVE_INFINITY, from = blob): Promise<void> {
  const contentRange = `bytes ${one.from}-${one.end - 1}/${blob.length}`;
  const isPart = one.from > 0 || !one.isWhole;
  const length = { 'content-length': one.end - one.from };
  response.writeHead(isPart ? 206 : 200, { ...headers, ...length, ...(isPart && { 'content-range': contentRange }) });
  const blockEnd = (Math.floor(one.from / blockBytes) + 1) * blockBytes;
  const end = Math.min(one.end, one.from + most, one.isWhole && isHeld ? blockEnd : blob.length);
  for (let at = one.from; at < end && !response.destroyed; at += mebibyte) {
    const piece = from.subarray(at, Math.min(end, at + mebibyte));
    one.bytes += piece.length;
    await new Promise((done) => response.write(piece, done));
  }
  if (end === one.end) response.end();
}

/** Copies the blob, but not the blocks that are kept. */
async function copy(slowBytesPerSecond: number, kept: string[] = []) {
  const origin = `https://${hub.host}`;
  const remotes = new RemoteHosts(slowBytesPerSecond);
  const login = { kind: 'bearer' as const, token: 'secret' };
  const access = { name: 'hub', origin, ca: certificate.ca, login, way: 'hub' as const, tokenHosts: [] };
  const beside = new Beside(resolve('out/main/beside-thread.js'), stop.signal);
  const steps: number[] = [];
  const watch = { signal: stop.signal, onBytes: (bytes: number) => steps.push(bytes), say: () => undefined };
  const part = { path: join(folder, 'part'), sizeBytes: blob.length, file: '1/part', kept };
  const range = { url: `${origin}/blob`, sizeBytes: blob.length };
  try {
    const order = { range, access, parts: [part], ledger: ledger() };
    const { sha256 } = await copyBlob(order, watch, new CopyTools(remotes, () => beside));
    return { sha256, steps };
  } finally {
    await beside.forget();
    await remotes.close();
  }
}

async function expectWhole(sha256: string): Promise<void> {
  expect(sha256).toBe(hexOf(digestOf(blob)));
  expect((await readFile(join(folder, 'part'))).equals(blob)).toBe(true);
}

const sentBytes = () => sent.reduce((sum, one) => sum + one.bytes, 0);
const piecesOf = (block: number) => {
  const end = Math.min(blob.length, (block + 1) * blockBytes);
  const pieces: [number, number][] = [];
  for (let from = block * blockBytes; from < end; from += 4 * mebibyte)
    pieces.push([from, Math.min(end, from + 4 * mebibyte)]);
  return pieces;
};
const pieces = () => sent.filter(({ isWhole }) => !isWhole).map(({ from, end }) => [from, end] as const);

it('fetches the blocks after a slow one in pieces over four connections, each byte once', async () => {
  // None of a block's pieces is sent before all of them are asked for.
  const waiting: (() => void)[] = [];
  fault = (one, response) => {
    if (one.isWhole) return false;
    waiting.push(() => void send(one, response));
    if (waiting.length === piecesOf(Math.floor(one.from / blockBytes)).length)
      for (const start of waiting.splice(0)) start();
    return true;
  };
  const { sha256, steps } = await copy(alwaysSlow);
  await expectWhole(sha256);
  expect(sentBytes()).toBe(blob.length);
  expect(pieces().toSorted(([a], [b]) => a - b)).toEqual([1, 2, 3].flatMap(piecesOf));
  // A connection is used again for the next block.
  const socketsFrom = (block: number) =>
    sent.filter(({ from }) => from >= block * blockBytes).map(({ socket }) => socket);
  expect(new Set(socketsFrom(2)).size).toBe(4);
  expect(steps.every((bytes) => bytes > 0)).toBe(true);
  expect(steps.reduce((sum, bytes) => sum + bytes, 0)).toBe(blob.length);
  // Where the bytes are is asked once a block; the login goes nowhere else.
  expect(hub.seen).toHaveLength(4);
  expect(store.seen.every(({ authorization }) => authorization === undefined)).toBe(true);
  // The ledger has what is before a block when a piece of that is asked for.
  for (const { from, entered } of sent) expect(entered).toBe(Math.floor(from / blockBytes));
});

it.each([
  ['a fast source', neverSlow, { 'accept-ranges': 'bytes' }],
  ['a slow source that does not say that it sends parts', alwaysSlow, {}],
])('reads %s over one connection', async (_what, slow, shown) => {
  [headers, isHeld] = [shown as Record<string, string>, false];
  await expectWhole((await copy(slow)).sha256);
  expect(sent.map(({ from, isWhole }) => [from, isWhole])).toEqual([[0, true]]);
});

it.each([
  [
    'sends all of it to whoever asks for a piece',
    (one: Sent, response: ServerResponse) => {
      if (one.isWhole) return false;
      void send(Object.assign(one, { from: 0, end: blob.length, isWhole: true }), response);
      return true;
    },
  ],
  ...[429, 503].map((status) => [
    `refuses more than two connections with ${status}`,
    (one: Sent, response: ServerResponse) => {
      if (one.isWhole || one.from % blockBytes < 8 * mebibyte) return false;
      response.writeHead(status, { 'retry-after': '0' }).end();
      return true;
    },
  ]),
] as [string, typeof fault][])('reads a source over one connection again that %s', async (_what, faulty) => {
  isHeld = false;
  fault = faulty;
  await expectWhole((await copy(alwaysSlow)).sha256);
  expect(pieces().every(([from]) => from < 2 * blockBytes)).toBe(true);
});

it('continues a piece that breaks off with its first missing byte', async () => {
  let cuts = 0;
  fault = (one, response) => {
    if (one.from !== blockBytes + 4 * mebibyte || cuts > 0) return false;
    cuts += 1;
    void send(one, response, 1_500_000).then(() => response.destroy());
    return true;
  };
  await expectWhole((await copy(alwaysSlow)).sha256);
  expect(cuts).toBe(1);
  expect(pieces()).toContainEqual([blockBytes + 4 * mebibyte + 1_500_000, blockBytes + 8 * mebibyte]);
  expect(sentBytes()).toBe(blob.length);
});

it('returns the digest of what was sent when a piece has wrong bytes', async () => {
  const wrong = Buffer.from(blob);
  wrong.writeUInt8(wrong.readUInt8(2 * blockBytes + 9 * mebibyte) ^ 1, 2 * blockBytes + 9 * mebibyte);
  fault = (one, response) => {
    if (one.from !== 2 * blockBytes + 8 * mebibyte) return false;
    void send(one, response, Number.POSITIVE_INFINITY, wrong);
    return true;
  };
  expect((await copy(alwaysSlow)).sha256).toBe(hexOf(digestOf(wrong)));
});

it('has fetched less than a block beyond the ledger when it is stopped, closes all connections, and resumes with that block', async () => {
  fault = (one, response) => {
    if (one.from !== 2 * blockBytes + 4 * mebibyte) return false;
    void send(one, response, mebibyte);
    return true;
  };
  const copying = copy(alwaysSlow).catch((error: unknown) => error);
  await vi.waitFor(() => expect(sentBytes()).toBe(3 * blockBytes - 3 * mebibyte), 60_000);
  expect(pieces().every(([from]) => from < 3 * blockBytes)).toBe(true);
  const kept = await enteredBlocks();
  expect(kept).toHaveLength(2);
  stop.abort(new Error('stopped'));
  expect(await copying).toMatchObject({ message: 'stopped' });
  await vi.waitFor(() => expect(open.size).toBe(0), 60_000);

  // Some servers say it with whole answers only. A part is proof enough.
  [fault, stop, sent, headers] = [() => false, new AbortController(), [], {}];
  await expectWhole((await copy(alwaysSlow, kept)).sha256);
  expect(sent[0]).toMatchObject({ from: 2 * blockBytes, isWhole: true });
  expect(pieces().toSorted(([a], [b]) => a - b)).toEqual(piecesOf(3));
  expect(sentBytes()).toBe(blob.length - 2 * blockBytes);
});
