import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import type { SystemView } from '../../src/main/core/hardware/system-view.ts';
import type { ToolAnswer } from '../../src/main/core/processes/run-tool.ts';

/** Where the composed machines lie; `sources.yaml` there tells where each output's format was found. */
export const machinesFolder = resolve('test/fixtures/machines');

interface MachineFile {
  about: string;
  platform: NodeJS.Platform;
  architecture: string;
  kernel: string;
  hostname: string;
  threads: number;
  memoryBytes?: number;
  systemVersion?: string;
  /** The path at which nvidia-smi answers; default: on PATH. */
  nvidiaSmi?: string;
  env?: Record<string, string>;
  /** Short files of the system, content by path. */
  files?: Record<string, string>;
  /** Answers that are no plain output, by the name of a tool or of the output's file. */
  tools?: Record<string, ToolAnswer>;
}

/* Which file of a machine's folder answers which command line; the first that fits. */
const outputs: [RegExp, string][] = [
  [/nvidia-smi --query-gpu=memory\.total,memory\.free,driver_version,name /, 'nvidia-smi-old.csv'],
  [/nvidia-smi --query-gpu=memory\.total/, 'nvidia-smi.csv'],
  [/nvidia-smi --query-gpu=ecc/, 'nvidia-smi-ecc.csv'],
  [/nvidia-smi -q -x$/, 'nvidia-smi.xml'],
  [/nvidia-smi topo -m$/, 'nvidia-smi-topo.txt'],
  [/nvidia-smi -L$/, 'nvidia-smi-list.txt'],
  [/^nvidia-ctk --version$/, 'nvidia-ctk.txt'],
  [/^rocm-smi .*--json$/, 'rocm-smi.json'],
  [/^amd-smi static .*--json$/, 'amd-smi.json'],
  [/^getenforce $/, 'getenforce.txt'],
  [/^firewall-cmd --state$/, 'firewall-cmd.txt'],
  [/^systemctl is-active/, 'systemctl.txt'],
  [/^systemd-detect-virt $/, 'systemd-detect-virt.txt'],
  [/^sw_vers $/, 'sw_vers.txt'],
  [/socketfilterfw --getglobalstate$/, 'socketfilterfw.txt'],
  [/^netsh advfirewall/, 'netsh.txt'],
  [/^reg query .*DriverDesc$/, 'reg-driver-desc.txt'],
  [/^reg query .*qwMemorySize$/, 'reg-memory-size.txt'],
];
const bigFiles: Record<string, string> = {
  '/proc/cpuinfo': 'cpuinfo',
  '/proc/meminfo': 'meminfo',
  '/etc/os-release': 'os-release',
};

/** The names of all composed machines. */
export function recordedNames(): string[] {
  const entries = readdirSync(machinesFolder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** Reads a file of a machine's folder; undefined when it is not there. */
export function recordedFile(name: string, file: string): string | undefined {
  const path = join(machinesFolder, name, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** A composed machine as detection sees it. */
export function recordedView(name: string): SystemView {
  const machine: MachineFile = parse(recordedFile(name, 'machine.yaml') ?? '');
  const { files = {}, tools = {} } = machine;
  const library = async (part: string) => {
    const text = recordedFile(name, `systeminformation-${part}.json`);
    return text === undefined ? undefined : JSON.parse(text);
  };
  return {
    platform: machine.platform,
    architecture: machine.architecture,
    env: machine.env ?? {},
    threads: machine.threads,
    totalMemoryBytes: machine.memoryBytes ?? 0,
    kernel: machine.kernel,
    hostname: machine.hostname,
    systemVersion: machine.systemVersion ?? '',
    timeoutMs: 5000,
    text: async (path) => files[path] ?? (bigFiles[path] && recordedFile(name, bigFiles[path])),
    names: async (folder) => namesIn(folder, Object.keys(files)),
    tool: async (command, args) => {
      if (command.includes('nvidia-smi') && command !== (machine.nvidiaSmi ?? 'nvidia-smi')) return { kind: 'missing' };
      const line = `${command} ${args.join(' ')}`;
      const file = outputs.find(([pattern]) => pattern.test(line))?.[1];
      const stdout = file === undefined ? undefined : recordedFile(name, file);
      const plain: ToolAnswer = stdout === undefined ? { kind: 'missing' } : { kind: 'ok', stdout, stderr: '' };
      const answer = tools[command] ?? tools[file ?? ''] ?? plain;
      return answer.kind === 'ok' ? { ...answer, stderr: answer.stderr ?? '' } : answer;
    },
    library: {
      cpu: () => library('cpu'),
      memory: () => library('mem'),
      graphics: () => library('graphics'),
    },
  };
}

function namesIn(folder: string, paths: string[]): string[] {
  const below = paths.filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1));
  return [...new Set(below.map((path) => path.split('/')[0] ?? ''))].sort();
}
