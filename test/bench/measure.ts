import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What a bench is asked: `--size 100MB`, `--weights 1.5GB` (default: the size) and `--rounds 3`. */
export interface BenchOptions {
  sizeBytes: number;
  weightsBytes?: number;
  rounds: number;
}

/** Reads the options of a bench from the command line. */
export function benchOptions(args: string[], defaults: BenchOptions): BenchOptions {
  const options = { ...defaults };
  for (let at = 0; at < args.length; at += 2) {
    const [flag, value = ''] = args.slice(at, at + 2);
    if (flag === '--size') options.sizeBytes = sizeOf(value);
    else if (flag === '--weights') options.weightsBytes = sizeOf(value);
    else if (flag === '--rounds') options.rounds = Math.max(1, Number(value) || defaults.rounds);
    else throw new Error(`unknown option ${flag}: use --size 100MB, --weights 1.5GB (import) and --rounds 3`);
  }
  return options;
}

function sizeOf(text: string): number {
  const [, number = '', unit = 'B'] = /^(\d+(?:\.\d+)?)\s*(B|kB|MB|GB|KiB|MiB|GiB)?$/.exec(text) ?? [];
  const factors = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };
  const sizeBytes = Number(number) * factors[unit as keyof typeof factors];
  if (number === '' || sizeBytes < 1e6) throw new Error(`"${text}" is no size of at least 1 MB`);
  return Math.round(sizeBytes);
}

/** One way to do the work. `prepare` is not timed. */
export interface Contender {
  name: string;
  prepare?: () => void;
  /** A shell script of fixed text; values come by the environment. */
  script: string;
  env?: Record<string, string>;
}

/** One timed run. Bytes and CPU time are those of the processes of the script. */
export interface Sample {
  seconds: number;
  /** Of all processors together: on a machine that others load it varies less than `seconds`. */
  cpuSeconds: number;
  readBytes: number;
  writtenBytes: number;
}

/** Runs a contender once. Throws when its script fails. */
export function runOnce({ prepare, script, env = {}, name }: Contender): Sample {
  prepare?.();
  // A shell's own counters hold those of the children that it waited for.
  const whole = `set -e\n${script}\ncat /proc/$$/io /proc/$$/stat >&3; getconf CLK_TCK >&3`;
  const startedAt = performance.now();
  const run = spawnSync('bash', ['-c', whole], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const seconds = (performance.now() - startedAt) / 1000;
  if (run.status !== 0) throw new Error(`${name} failed:\n${run.stdout}\n${run.stderr}`);
  const io = String(run.output[3] ?? '');
  const counter = (key: string) => Number(new RegExp(`^${key}: (\\d+)$`, 'm').exec(io)?.[1] ?? 0);
  return { seconds, cpuSeconds: cpuSecondsIn(io), readBytes: counter('rchar'), writtenBytes: counter('wchar') };
}

/** Of the shell and the children that it waited for: the 14th to 17th field of its line (proc(5)), in ticks. The last line is their rate. */
function cpuSecondsIn(text: string): number {
  const [, fields = '', rate = ''] = /\) (.*)\n(\d+)\s*$/.exec(text) ?? [];
  const ticks = fields.split(' ').slice(11, 15).map(Number);
  return ticks.reduce((sum, one) => sum + one, 0) / Number(rate);
}

/**
 * Runs all contenders in turn, several rounds, and prints medians and their ratios to the first one's, and the ratios of the fastest runs,
 * which others on the machine disturbed least. `cache` says what `prepare` does with it. No round begins after `limitSeconds`, which is then
 * said. Returns the ratios of the fastest by name.
 */
export function compare(
  title: string,
  contenders: Contender[],
  rounds: number,
  cache = 'page cache warm',
  limitSeconds = Number.POSITIVE_INFINITY,
): Map<string, number> {
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]));
  const endsAt = performance.now() + limitSeconds * 1000;
  let done = 0;
  for (let round = 0; round < rounds && (round === 0 || performance.now() < endsAt); round += 1) {
    // Nobody is always the one that runs first.
    for (const index of contenders.keys()) {
      const contender = contenders[(index + round) % contenders.length];
      if (contender) samples.get(contender.name)?.push(runOnce(contender));
    }
    done = round + 1;
    process.stderr.write(`round ${done} of ${rounds}\n`);
  }
  const first = samples.get(contenders[0]?.name ?? '') ?? [];
  const base = median(first, 'seconds');
  const least = (taken: Sample[]) => Math.min(...taken.map((one) => one.seconds));
  const fastest = new Map<string, number>();
  const counted = done === rounds ? `${rounds} rounds` : `${done} of ${rounds} rounds (then the time was up)`;
  console.log(`${title}\n${counted}, alternating, ${cache}; medians; ${machine()}`);
  console.log(row('', 'seconds', '(range)', 'ratio', 'of fastest', 'CPU s', 'MB read', 'MB written'));
  for (const [name, taken] of samples) {
    const all = taken.map((one) => one.seconds);
    const seconds = median(taken, 'seconds');
    const range = `${Math.min(...all).toFixed(2)}–${Math.max(...all).toFixed(2)}`;
    const megabytes = (key: 'readBytes' | 'writtenBytes') => (median(taken, key) / 1e6).toFixed(1);
    const ratio = (seconds / base).toFixed(2);
    const ofFastest = least(taken) / least(first);
    fastest.set(name, ofFastest);
    const cpu = median(taken, 'cpuSeconds').toFixed(2);
    const bytes = [megabytes('readBytes'), megabytes('writtenBytes')];
    console.log(row(name, seconds.toFixed(2), range, ratio, ofFastest.toFixed(2), cpu, ...bytes));
  }
  return fastest;
}

function row(name: string, ...cells: string[]): string {
  return name.padEnd(34) + cells.map((cell) => cell.padStart(13)).join('');
}

function median(samples: Sample[], key: keyof Sample): number {
  const sorted = samples.map((sample) => sample[key]).sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}

function machine(): string {
  const load = readFileSync('/proc/loadavg', 'utf8').split(' ')[0];
  return `load ${load}, Node ${process.version}`;
}
