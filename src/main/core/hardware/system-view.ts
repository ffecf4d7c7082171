import { readdir, readFile } from 'node:fs/promises';
import { arch, availableParallelism, hostname, release, totalmem, version } from 'node:os';
import type si from 'systeminformation';
import { runTool, type ToolAnswer } from '../processes/run-tool.ts';
import { within } from '../processes/within.ts';
import { askLibrary } from './ask-library.ts';

/**
 * Everything that detection reads from a machine, so that recorded machines can be examined too. Nothing in here throws or takes longer than
 * the view's time limit; undefined is "no answer".
 */
export interface SystemView {
  platform: NodeJS.Platform;
  /** The platform's name in Node. */
  architecture: string;
  env: NodeJS.ProcessEnv;
  threads: number;
  totalMemoryBytes: number;
  kernel: string;
  hostname: string;
  systemVersion: string;
  timeoutMs: number;
  text(path: string): Promise<string | undefined>;
  /** Names in a folder, sorted; none if it does not exist. */
  names(folder: string): Promise<string[]>;
  tool(command: string, args: string[]): Promise<ToolAnswer>;
  library: {
    cpu(): Promise<si.Systeminformation.CpuData | undefined>;
    memory(): Promise<si.Systeminformation.MemData | undefined>;
    /** Absent on Linux, where it waits for tools without a time limit. */
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
      cpu: () =>
        within(
          timeoutMs,
          askLibrary((si) => si.cpu()),
        ),
      memory: () =>
        within(
          timeoutMs,
          askLibrary((si) => si.mem()),
        ),
      graphics: () =>
        within(
          timeoutMs,
          askLibrary((si) => si.graphics()),
        ),
    },
  };
}
