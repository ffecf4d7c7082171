import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtWorkers, type Run } from '../run-sealift.ts';

/** Numbers from 0 to 1 that a seed repeats (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** What became of a command: killed before its end, or its answer. */
export interface Ended {
  isKilled: boolean;
  run: Run;
  ms: number;
}

/**
 * A command that random kills interrupt. Its temporary folder is its own (`<folder>/tmp`). Where the reads are counted, strace runs it;
 * a command that leaves processes behind would never end then.
 */
export class KilledCommand {
  readonly folder: string;
  readonly #args: string[];
  readonly #isTraced: boolean;
  readonly #traces: string[] = [];
  #longestMs = 0;
  kills = 0;

  constructor(folder: string, args: string[], options: { isTraced: boolean } = { isTraced: false }) {
    this.folder = folder;
    this.#args = args;
    this.#isTraced = options.isTraced;
    mkdirSync(join(folder, 'tmp'), { recursive: true });
  }

  /** The same command with nothing killed and nothing read yet. */
  again(): KilledCommand {
    const one = new KilledCommand(this.folder, this.#args, { isTraced: this.#isTraced });
    one.#longestMs = this.#longestMs;
    return one;
  }

  /** Runs it to its end; how long that takes bounds the moments of the kills. */
  async finish(): Promise<Ended> {
    const ended = await this.#run(undefined);
    this.#longestMs = Math.max(this.#longestMs, ended.ms);
    return ended;
  }

  /** Kills it with SIGKILL at a random moment. Too late, it ends by itself. */
  async kill(random: () => number): Promise<Ended> {
    const ended = await this.#run(random() * this.#longestMs);
    if (ended.isKilled) this.kills += 1;
    return ended;
  }

  /** Bytes read from files below a folder by all runs, and how many of them more than once. */
  readBytes(folder: string): { read: number; twice: number } {
    const ranges = this.#traces.flatMap((trace) => readsOf(readFileSync(trace, 'utf8'), folder));
    const read = ranges.reduce((sum, { bytes }) => sum + bytes, 0);
    return { read, twice: read - coveredBytes(ranges) };
  }

  async #run(killAfterMs: number | undefined): Promise<Ended> {
    const env = { ...process.env, TMPDIR: join(this.folder, 'tmp') };
    const trace = this.#isTraced ? join(this.folder, `trace-${randomUUID()}`) : undefined;
    const tracer = trace === undefined ? [] : [...traced, trace];
    if (trace !== undefined) this.#traces.push(trace);
    const [command = '', ...args] = [...tracer, process.execPath, `${builtWorkers}/cli.js`, ...this.#args];
    const started = Date.now();
    const child = spawn(command, args, { env });
    const ended = outputOf(child);
    if (killAfterMs !== undefined) {
      const isTracing = trace === undefined ? undefined : untilExists(trace, ended);
      await Promise.race([sleep(killAfterMs), ended]);
      await isTracing;
      child.kill('SIGKILL');
    }
    const run = await ended;
    return { isKilled: run.exitCode === null, run, ms: Date.now() - started };
  }
}

/* -D: strace is the child's child, so that the process that is started and killed is the command's own. */
const traced = ['strace', '-D', '-f', '-y', '-s', '0', '--seccomp-bpf', '-e', 'trace=pread64', '-o'];

/** strace stops itself until the command's process continues it, and only then opens its file. Of a process killed before, it waits for ever. */
async function untilExists(path: string, ended: Promise<unknown>): Promise<void> {
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  while (!existsSync(path) && !hasEnded) await sleep(5);
}

interface Range {
  path: string;
  from: number;
  bytes: number;
}

const call = /pread64\(\d+<([^>]*)>.*, (\d+)\)\s+= (\d+)$/;

/** The positional reads in a trace, which may be split into two lines. */
function readsOf(trace: string, folder: string): Range[] {
  const open = new Map<string, string>();
  return trace.split('\n').flatMap((line) => {
    const [pid = ''] = line.split(' ', 1);
    if (line.endsWith('<unfinished ...>')) {
      open.set(pid, line.replace('<unfinished ...>', ''));
      return [];
    }
    const resumed = /<\.\.\. pread64 resumed>(.*)$/.exec(line);
    const [, path = '', from = '', bytes = ''] = call.exec(resumed ? `${open.get(pid)}${resumed[1]}` : line) ?? [];
    return path.startsWith(`${folder}/`) ? [{ path, from: Number(from), bytes: Number(bytes) }] : [];
  });
}

function coveredBytes(ranges: Range[]): number {
  let covered = 0;
  let path = '';
  let end = 0;
  const ordered = ranges.toSorted((a, b) => (a.path === b.path ? a.from - b.from : a.path < b.path ? -1 : 1));
  for (const range of ordered) {
    if (range.path !== path) [path, end] = [range.path, 0];
    covered += Math.max(0, range.from + range.bytes - Math.max(end, range.from));
    end = Math.max(end, range.from + range.bytes);
  }
  return covered;
}

function outputOf(child: ChildProcess): Promise<Run> {
  return new Promise((resolve) => {
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', (piece) => {
      stdout += String(piece);
    });
    child.stderr?.on('data', (piece) => {
      stderr += String(piece);
    });
    child.on('close', (exitCode) => {
      const json = stdout.startsWith('{') ? (JSON.parse(stdout) as Run['json']) : {};
      resolve({ exitCode, stdout, stderr, json });
    });
  });
}
