import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { runTool } from '../../processes/run-tool.ts';
import { lastShownLine } from '../../processes/shown-line.ts';
import type { PartOf } from '../parts/parts.ts';
import { importFrom } from './import-from.ts';
import { loadLlamaLibrary } from './llama-library.ts';

/** A variant of llama.cpp as the engine's process gets it. */
export type EngineVariant = NonNullable<PartOf<'llamacpp'>['variants']>[number];

const tried = z.union([z.object({ devices: z.array(z.string()).min(1) }), z.object({ problem: z.string() })]);
/** The devices that a variant finds, or why it cannot be used here. */
export type TriedVariant = z.infer<typeof tried>;

/** A broken driver may hang. A working one loads within seconds, from a slow disk within a minute. */
const tryMs = 120_000;

/**
 * Tries a variant in a process of its own, the built worker `entry`, so that a driver that crashes or hangs harms nothing. Never throws.
 */
export async function tryVariant(variant: EngineVariant, entry: string): Promise<TriedVariant> {
  const answer = await runTool(process.execPath, [entry, JSON.stringify(variant)], tryMs);
  if (answer.kind === 'silent') return { problem: `it did not answer within ${tryMs / 1000} s` };
  if (answer.kind === 'missing') return { problem: 'Node is missing' };
  if (answer.kind === 'failed')
    return { problem: `its process ended (${lastShownLine(answer.output) || 'without a word'})` };
  const line = answer.stdout.trim().split('\n').at(-1) ?? '';
  const parsed = tried.safeParse(jsonOf(line));
  return parsed.success ? parsed.data : { problem: `it answered ${JSON.stringify(line.slice(0, 200))}` };
}

/** Loads a variant in this process, and returns what it finds. For the worker that `tryVariant` starts. */
export async function devicesOf({ gpu, packages }: EngineVariant): Promise<TriedVariant> {
  importFrom(packages);
  const library = await loadLlamaLibrary();
  const logLevel = library.LlamaLogLevel.disabled;
  const options = { gpu, build: 'never', skipDownload: true, maxThreads: 0, logLevel, progressLogs: false } as const;
  try {
    const devices = await (await library.getLlama(options)).getGpuDeviceNames();
    return devices.length > 0 ? { devices } : { problem: 'it finds no device' };
  } catch (cause) {
    return { problem: (await loadingProblem(packages[0]?.folder ?? '', gpu)) ?? (cause as Error).message };
  }
}

/** node-llama-cpp keeps the reason to itself, so the system is asked again: usually a library that a driver or a runtime brings is missing. */
async function loadingProblem(folder: string, gpu: string): Promise<string | undefined> {
  const [name = ''] = await readdir(join(folder, 'bins')).catch(() => []);
  for (const file of ['llama-addon.node', `libggml-${gpu}.so`]) {
    try {
      process.dlopen({ exports: {} }, join(folder, 'bins', name, file));
    } catch (error) {
      const [line = ''] = (error as Error).message.split('\n');
      // A library that is loaded but no module of Node.
      if (!line.includes('self-register')) return line;
    }
  }
  return undefined;
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
