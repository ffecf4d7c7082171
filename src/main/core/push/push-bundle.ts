import { join } from 'node:path';
import type { push } from '../../../shared/contract/push.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { OutputOf, ParsedInputOf } from '../../../shared/rpc/contract.ts';
import { readNamed } from '../files/read-bounded.ts';
import { runThread } from '../processes/thread.ts';
import { dockerLogin } from '../remote/docker-logins.ts';
import { loginText, type RemoteAccess } from '../remote/remote-access.ts';
import { RemoteHost } from '../remote/remote-host.ts';
import type { Work } from '../work.ts';
import { type ComparedContent, canComplete, comparePush } from './compare-push.ts';
import { pushError } from './push-error.ts';
import { readSource } from './push-source.ts';
import { type PushTarget, parseTarget, refuseClashes } from './push-target.ts';
import type { ContentToSend, SendEvent, SendPlan, SentContents } from './send-contents.ts';
import { type PreparedPush, shownPush } from './shown-push.ts';
import { SiteRegistry } from './site-registry.ts';

type Input = ParsedInputOf<typeof push.run>;
type Planned = OutputOf<typeof push.plan>;
type Pushed = OutputOf<typeof push.run>;

/** What pushing needs besides its input. */
export interface PushTools {
  store: string;
  trustFile: string;
  /** Folder of the records of uploads. */
  pushes: string;
  /** Folder of the built worker entries. */
  workers: string;
  now: () => Date;
}

const maxCaBytes = 4 * 1024 * 1024;

/** Shows what `pushBundle` would send, as in the contract. Changes nothing. */
export async function planPush(input: Input, tools: PushTools, work: Work): Promise<Planned> {
  const prepared = await prepare(input, tools, work, false);
  const { sendBytes, presentBytes } = prepared.comparison;
  return { ...shownPush(prepared, false), sendBytes, presentBytes };
}

/** Sends what the registry lacks, as in the contract. */
export async function pushBundle(input: Input, tools: PushTools, work: Work): Promise<Pushed> {
  const startedAt = performance.now();
  const prepared = await prepare(input, tools, work, true);
  const bytes = await send(prepared, tools, work);
  const result = shownPush(prepared, true, bytes.refused);
  return {
    ...result,
    isComplete: result.contents.every(({ state }) => state === 'present'),
    sentBytes: bytes.sentBytes,
    resumedBytes: bytes.resumedBytes,
    presentBytes: prepared.comparison.presentBytes,
    durationMs: Math.round(performance.now() - startedAt),
  };
}

async function prepare(input: Input, tools: PushTools, work: Work, keepsNotices: boolean): Promise<PreparedPush> {
  const target = parseTarget(input.target);
  work.step('open', input.dirs.length > 0 ? 'Check the signatures' : 'Read the store');
  const { store, trustFile, now } = tools;
  const { dirs, overrideReason, only } = input;
  const read = await readSource({ dirs, store, trustFile, overrideReason, keepsNotices, now: now() }, work.signal);
  const source = { ...read, contents: chosen(read.contents, only) };
  refuseClashes(source.contents, target);
  const access = await openAccess(target, input, work);
  work.step('compare', `Ask ${target.host} ${loginText(access.login)} what it has`);
  const host = new RemoteHost(access);
  const registry = new SiteRegistry(host, { signal: work.signal, say: (line) => work.log(line) });
  try {
    return { target, access, source, comparison: await comparePush(source.contents, target, registry) };
  } catch (thrown) {
    throw pushError(thrown);
  } finally {
    await host.close();
  }
}

function chosen<T extends { name: string }>(contents: readonly T[], only: readonly string[] | undefined): T[] {
  const known = contents.map(({ name }) => name);
  const unknown = only?.find((name) => !known.includes(name));
  if (unknown !== undefined) throw appError('push.unknown-content', { name: unknown, known });
  return contents.filter(({ name }) => only?.includes(name) ?? true);
}

async function openAccess(
  { host, origin }: PushTarget,
  { ca, tokenHosts = [] }: Input,
  work: Work,
): Promise<RemoteAccess> {
  const login = await dockerLogin(host, (line) => work.log(line));
  const trusted = ca && (await readNamed(ca, maxCaBytes, 'The file after --ca')).toString('utf8');
  return { name: host, origin, ...(login && { login }), ...(trusted && { ca: trusted }), way: 'docker', tokenHosts };
}

async function send({ target, access, comparison }: PreparedPush, tools: PushTools, work: Work): Promise<SentContents> {
  const { contents, placed, sendBytes } = comparison;
  const toSend = contents.filter((one) => !one.isPresent).map((one) => contentToSend(one, placed, target));
  work.step('send', `Send ${toSend.length === 1 ? '1 content' : `${toSend.length} contents`} to ${target.host}`);
  for (const { place, replaces } of contents)
    if (replaces !== undefined) work.warn(`${place.repository}:${place.tag} names ${replaces} so far`);
  let done = 0;
  work.progress({ done, total: sendBytes, unit: 'bytes' });
  const plan: SendPlan = { access, pushes: tools.pushes, contents: toSend, placed };
  return runThread<SentContents, SendEvent>(join(tools.workers, 'push-thread.js'), plan, {
    signal: work.signal,
    onEvent: (event) => {
      if (event.type === 'said') return work.log(event.line);
      done = Math.min(sendBytes, done + event.bytes);
      work.progress({ done, total: sendBytes, unit: 'bytes', item: event.item });
    },
  });
}

function contentToSend(one: ComparedContent, placed: ReadonlyMap<string, string>, target: PushTarget): ContentToSend {
  const { content, place, absent } = one;
  const { manifest, mediaType, attached } = content;
  return {
    place,
    reference: `${target.host}/${place.repository}:${place.tag}`,
    blobs: absent,
    ...(manifest && canComplete(one, placed) && { manifest: { bytes: manifest, mediaType }, attached }),
  };
}
