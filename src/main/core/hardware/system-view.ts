import { readdir, readFile } from 'node:fs/promises';
import { arch, availableParallelism, hostname, release, totalmem, version } from 'node:os';
import si from 'systeminformation';
import { within } from './collected.ts';
import { runTool, type ToolAnswer } from './run-tool.ts';

/**
 * All that detection asks of a machine, so that it can be asked of a recorded one too. Nothing in here throws or takes longer than
 * the view's time limit; undefined is "no answer".
 */
export interface SystemView {
  platform: NodeJS.Platform;
  /** As Node names it. */
  architecture: string;
  env: NodeJS.ProcessEnv;
  threads: number;
  totalMemoryBytes: number;
  kernel: string;
  hostname: string;
  systemVersion: string;
  timeoutMs: number;
  text(path: string): Promise<string | undefined>;
  /** Names in a folder, sorted; none when it is not there. */
  names(folder: string): Promise<string[]>;
  tool(command: string, args: string[]): Promise<ToolAnswer>;
  library: {
    cpu(): Promise<si.Systeminformation.CpuData | undefined>;
    memory(): Promise<si.Systeminformation.MemData | undefined>;
    /** Not on Linux: there it starts tools that it waits for without a limit. */
    graphics(): Promise<si.Systeminformation.GraphicsData | undefined>;
  };
}

/** The machine that this process runs on; each question is answered within `timeoutMs`. */
export function thisSystem(timeoutMs: number): SystemView {
  return {
    platform: process.platform,
    architecture: arch(),
    env: process.env,
    threads: availableParallelism(),
    totalMemoryBytes: totalmem(),
    kernel: release(),
    hostname: hostname(),
    systemVersion: version(),
    timeoutMs,
    text: (path) => within(timeoutMs, readFile(path, 'utf8')),
    names: async (folder) => ((await within(timeoutMs, readdir(folder))) ?? []).sort(),
    tool: (command, args) => runTool(command, args, timeoutMs),
    library: {
      cpu: () => within(timeoutMs, si.cpu()),
      memory: () => within(timeoutMs, si.mem()),
      graphics: () => within(timeoutMs, si.graphics()),
    },
  };
}
