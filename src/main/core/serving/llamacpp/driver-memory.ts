import { type SystemView, thisSystem } from '../../hardware/system-view.ts';

/** nvidia-smi may hang on a broken driver. */
const lookMs = 10_000;
const mebibyte = 2 ** 20;

/**
 * Returns the memory on NVIDIA GPUs that the driver counts for a process; undefined if it does not list that, as within a container, whose
 * process numbers are others.
 */
export async function driverMemory(pid: number, view: SystemView = thisSystem(lookMs)): Promise<number | undefined> {
  const columns = ['--query-compute-apps=pid,used_memory', '--format=csv,noheader,nounits'];
  const answer = await view.tool('nvidia-smi', columns);
  if (answer.kind !== 'ok') return undefined;
  // One line for each GPU that the process uses, such as "4711, 1234".
  const own = answer.stdout.split('\n').flatMap((line) => {
    const [process, used] = line.split(',').map((one) => one.trim());
    return process === String(pid) && /^\d+$/.test(used ?? '') ? [Number(used) * mebibyte] : [];
  });
  return own.length > 0 ? own.reduce((sum, one) => sum + one, 0) : undefined;
}
