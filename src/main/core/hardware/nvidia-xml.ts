import { z } from 'zod';
import type { Gpu } from '../../../shared/machine.ts';
import { firstShownLine } from '../processes/shown-line.ts';

/** What `nvidia-smi -q -x` reports: the driver's CUDA version, and each GPU in the order of the tool. */
export interface NvidiaLong {
  cudaVersion: string | null;
  gpus: {
    processes: NonNullable<Gpu['processes']>;
    instances: { totalBytes: number | null; freeBytes: number | null }[];
  }[];
}

const repeated = ['gpu', 'process_info', 'mig_device'];

const mebibytes = z
  .string()
  .regex(/^\d{1,9} MiB$/)
  .transform((text) => Number.parseInt(text, 10) * 1024 * 1024)
  .nullable()
  .catch(null);
const processInfo = z.object({
  pid: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
  process_name: z.string().transform(firstShownLine).catch(''),
  used_memory: mebibytes,
});
const migDevice = z.object({ fb_memory_usage: z.object({ total: mebibytes, free: mebibytes }) });
/** Keeps the elements of the expected shape, of at most 64. */
const listOf = <T>(schema: z.ZodType<T>) =>
  z
    .array(z.unknown())
    .catch([])
    .transform((all) => all.slice(0, 64).flatMap((one) => schema.safeParse(one).data ?? []));
const noProcesses = { process_info: [] };
const noInstances = { mig_device: [] };
const gpu = z
  .object({
    processes: z.object({ process_info: listOf(processInfo) }).catch(noProcesses),
    mig_devices: z.object({ mig_device: listOf(migDevice) }).catch(noInstances),
  })
  .catch({ processes: noProcesses, mig_devices: noInstances });
const log = z.object({
  cuda_version: z
    .string()
    .regex(/^\d+\.\d+$/)
    .nullable()
    .catch(null),
  gpu: z.array(gpu),
});

/** Reads `nvidia-smi -q -x`. Returns no GPU for a text of another shape; a process or instance of another shape is left out. */
export async function parseNvidiaXml(text: string): Promise<NvidiaLong> {
  const { cuda_version: cudaVersion, gpu: gpus } = (await logOf(text)) ?? { cuda_version: null, gpu: [] };
  return {
    cudaVersion,
    gpus: gpus.slice(0, 64).map(({ processes, mig_devices: devices }) => ({
      processes: processes.process_info.map(({ pid, process_name: name, used_memory: usedBytes }) => ({
        pid,
        name,
        usedBytes,
      })),
      instances: devices.mig_device.map(({ fb_memory_usage: { total, free } }) => ({
        totalBytes: total,
        freeBytes: free,
      })),
    })),
  };
}

async function logOf(text: string): Promise<z.output<typeof log> | undefined> {
  // Few commands ask for it, and it takes long to load.
  const { XMLParser } = await import('fast-xml-parser');
  const parser = new XMLParser({ parseTagValue: false, isArray: (name) => repeated.includes(name) });
  try {
    // A warning may follow the document.
    const end = '</nvidia_smi_log>';
    const document = text.slice(0, text.indexOf(end) + end.length);
    return log.safeParse(parser.parse(document, true)?.nvidia_smi_log).data;
  } catch {
    return undefined;
  }
}
