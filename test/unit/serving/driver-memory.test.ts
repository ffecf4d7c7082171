import { describe, expect, it } from 'vitest';
import type { SystemView } from '../../../src/main/core/hardware/system-view.ts';
import type { ToolAnswer } from '../../../src/main/core/processes/run-tool.ts';
import { driverMemory } from '../../../src/main/core/serving/llamacpp/driver-memory.ts';

const says = (answer: ToolAnswer) => ({ tool: async () => answer }) as unknown as SystemView;
const prints = (stdout: string) => says({ kind: 'ok', stdout, stderr: '' });

describe('the memory that the NVIDIA driver counts for a process', () => {
  it('is the sum over its GPUs', async () => {
    expect(await driverMemory(4711, prints('812, 300\n4711, 1024\n4711, 512\n'))).toBe(1536 * 2 ** 20);
  });

  it.each([
    ['the process is not listed', prints('812, 300\n')],
    ['the driver does not say', prints('4711, [N/A]\n')],
    ['nothing uses a GPU', prints('')],
    ['there is no nvidia-smi', says({ kind: 'missing' })],
    ['nvidia-smi hangs', says({ kind: 'silent', timeoutMs: 1 })],
  ])('is unknown when %s', async (_name, view) => expect(await driverMemory(4711, view)).toBeUndefined());
});
