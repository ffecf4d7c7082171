import { describe, expect, it } from 'vitest';
import { thisSystem } from '../../../src/main/core/hardware/system-view.ts';
import { freeMemoryBytes } from '../../../src/main/core/serving/llamacpp/free-memory.ts';

const gibibyte = 2 ** 30;
const meminfo = `MemTotal: ${16 * 2 ** 20} kB\nMemAvailable: ${8 * 2 ** 20} kB\n`;
const group = {
  '/proc/self/cgroup': '0::/model\n',
  '/sys/fs/cgroup/model/memory.max': `${4 * gibibyte}\n`,
  '/sys/fs/cgroup/model/memory.current': `${3 * gibibyte}\n`,
  '/sys/fs/cgroup/model/memory.stat': `anon ${2 * gibibyte}\ninactive_file ${gibibyte}\n`,
};

function free(files: Record<string, string>): Promise<number> {
  return freeMemoryBytes({ ...thisSystem(1000), text: async (path) => files[path] });
}

describe('freeMemoryBytes', () => {
  it('is what the system has available where no control group limits it', async () => {
    expect(await free({ '/proc/meminfo': meminfo })).toBe(8 * gibibyte);
    expect(await free({ '/proc/meminfo': meminfo, ...group, '/sys/fs/cgroup/model/memory.max': 'max\n' })).toBe(
      8 * gibibyte,
    );
  });

  it('is what the group has left of its limit, plus cached files', async () => {
    expect(await free({ '/proc/meminfo': meminfo, ...group })).toBe(2 * gibibyte);
  });
});
