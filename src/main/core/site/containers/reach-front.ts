import { appError, redact } from '../../../../shared/errors/app-error.ts';
import type { Engine } from '../../engine/connect-engine.ts';
import { containerState } from '../../engine/container-state.ts';
import { execInContainer } from '../../engine/exec-in-container.ts';
import type { PlannedContainer } from '../../engine/planned-container.ts';
import type { Work } from '../../jobs/work.ts';

const seconds = 10;

/** What a request from inside a container gave; `unknown` when the image has no program that could ask. */
export type Reached =
  | { kind: 'status'; status: number }
  | { kind: 'failed'; problem: string }
  | { kind: 'unknown'; tried: string[] };

const nodeAsk = 'fetch(process.argv[1]).then(r=>console.log(r.status),e=>{console.error(e.cause??e);process.exit(1)})';
const pythonAsk =
  'import sys,urllib.request,urllib.error\ntry: print(urllib.request.urlopen(sys.argv[1],timeout=10).status)\nexcept urllib.error.HTTPError as e: print(e.code)';

/** Programs that an image may have, as they print the status of an answer; the gateway's image has curl. */
const programs: [string, (url: string) => string[]][] = [
  ['curl', (url) => ['curl', '-sS', '-o', '/dev/null', '-m', String(seconds), '-w', '%{http_code}', url]],
  ['python3', (url) => ['python3', '-c', pythonAsk, url]],
  ['node', (url) => ['node', '-e', nodeAsk, url]],
  ['wget', (url) => ['wget', '-S', '-q', '-T', String(seconds), '-O', '/dev/null', url]],
];

/** Asks a URL from inside a running container. Throws the signal's reason or the engine's error. */
export async function askFromInside(engine: Engine, id: string, url: string, signal: AbortSignal): Promise<Reached> {
  for (const [, command] of programs) {
    const done = await execInContainer(engine, id, command(url), signal);
    if (!done) continue;
    const status = Number(/(?:HTTP\/[\d.]+ |^|\n)(\d{3})\b/.exec(done.output)?.[1] ?? 0);
    if (status >= 100) return { kind: 'status', status };
    const problem = done.exitCode === 0 ? 'the answer has no status' : done.output;
    return {
      kind: 'failed',
      problem:
        redact(problem)
          .replace(/\p{Cc}+/gu, ' ')
          .trim()
          .slice(0, 300) || `code ${done.exitCode}`,
    };
  }
  return { kind: 'unknown', tried: programs.map(([name]) => name) };
}

/** Makes sure that the gateway's container reaches the front. Says so when that cannot be found out. Throws `site.front-unreachable`. */
export async function reachFront(
  engine: Engine,
  { planned, url, port }: { planned: PlannedContainer; url: string; port: number },
  work: Work,
): Promise<void> {
  const state = await containerState(engine, planned.spec);
  if (!('id' in state)) return;
  const reached = await askFromInside(engine, state.id, url, work.signal);
  if (reached.kind === 'unknown') {
    work.warn(`Not checked from inside the container: its image has none of ${reached.tried.join(', ')}.`);
    return;
  }
  if (reached.kind === 'status' && reached.status === 200) return;
  const problem = reached.kind === 'status' ? `status ${reached.status}` : reached.problem;
  const host = planned.spec.extraHosts[0]?.split(':').slice(1).join(':') ?? '';
  throw appError('site.front-unreachable', { url, host, port, problem });
}
