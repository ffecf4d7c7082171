import { describe, expect, it } from 'vitest';
import { parseNvidiaSmi } from '../../../src/main/core/hardware/nvidia.ts';
import { isCountable, knownTotal } from '../../../src/shared/countable-gpu.ts';

const mib = 2 ** 20;

describe('parseNvidiaSmi', () => {
  it('reads two GPUs', () => {
    const { gpus, messages } = parseNvidiaSmi(
      '81559, 80994, 550.54.15, 9.0, Disabled, NVIDIA H100 80GB HBM3\n81559, 12000, 550.54.15, 9.0, Enabled, NVIDIA H100 80GB HBM3\n',
    );
    expect(messages).toEqual([]);
    expect(gpus).toHaveLength(2);
    expect(gpus[0]).toMatchObject({
      vendor: 'nvidia',
      name: 'NVIDIA H100 80GB HBM3',
      vramSource: 'nvidia-smi',
      isVramTrusted: true,
      vramTotalBytes: 81559 * mib,
      vramFreeBytes: 80994 * mib,
      driverVersion: '550.54.15',
      computeCapability: '9.0',
      isMigEnabled: false,
    });
    expect(gpus[1]).toMatchObject({ vramFreeBytes: 12000 * mib, isMigEnabled: true });
  });

  it('reads Windows line ends, and a card without MIG', () => {
    const { gpus } = parseNvidiaSmi('24564, 22103, 561.09, 8.9, [N/A], NVIDIA GeForce RTX 4090\r\n');
    expect(gpus).toMatchObject([{ name: 'NVIDIA GeForce RTX 4090', isMigEnabled: false, vramTotalBytes: 24564 * mib }]);
  });

  it('reads the shorter answer of an old driver', () => {
    const { gpus } = parseNvidiaSmi('16160, 16130, 450.80.02, Tesla V100-SXM2-16GB\n', [
      'memory.total',
      'memory.free',
      'driver_version',
      'name',
    ]);
    expect(gpus).toMatchObject([{ name: 'Tesla V100-SXM2-16GB', computeCapability: null, isMigEnabled: null }]);
  });

  it('keeps a comma that belongs to the name', () => {
    const { gpus } = parseNvidiaSmi('100, 90, 550.1, 9.0, Disabled, Board, Rev. B\n');
    expect(gpus[0]?.name).toBe('Board, Rev. B');
  });

  it.each([
    ['[N/A], [N/A], 580.65, 12.1, [N/A], NVIDIA GB10', "a chip that shares the machine's memory"],
    ['[Unknown Error], [Unknown Error], 550.54, 9.0, [N/A], NVIDIA A100-SXM4-40GB', 'a failing card'],
    ['99999999999, 1, 550.54, 9.0, Disabled, NVIDIA A100', 'more memory than any board has'],
    ['-1, -1, 550.54, 9.0, Disabled, NVIDIA A100', 'less than nothing'],
    ['81559.5, 100.5, 550.54, 9.0, Disabled, NVIDIA A100', 'a fraction'],
  ])('does not trust the memory in %j (%s)', (line) => {
    expect(parseNvidiaSmi(line).gpus).toMatchObject([
      { isVramTrusted: false, vramTotalBytes: null, vramFreeBytes: null },
    ]);
  });

  it('does not count a GPU with 0 MiB, and names the figure', () => {
    const { gpus } = parseNvidiaSmi('0, 0, 550.54, 9.0, Disabled, NVIDIA A100\n40960, 40000, 550.54, 9.0, Disabled, X');
    expect(gpus.map((gpu) => isCountable(gpu))).toEqual([false, true]);
    expect(gpus[0] && knownTotal(gpus[0])).toBeNull();
  });

  it.each([
    '81559, 80994, 550.54, 9.0, Disabled, NVIDIA \ufffd\ufffd\u0001',
    '\u0000\u0001\u0002',
    '\ufffd\ufffd, \ufffd, \ufffd, \ufffd, \ufffd, \ufffd',
    '81559, 80994, 550.54\u0000, 9.0, Disabled, X',
  ])('takes bytes that are not text for no GPU: %j', (text) => {
    expect(parseNvidiaSmi(text)).toEqual({ gpus: [], messages: ['bytes that are not text'] });
  });

  it.each([
    ['[GPU requires reset], [GPU requires reset], 550.54, 9.0, Disabled, X', 'GPU requires reset'],
    ['40960, 40000, 550.54, [GPU requires reset], Disabled, X', 'GPU requires reset'],
    ['[Insufficient Permissions], [Insufficient Permissions], 535.1, 8.0, Enabled, X', 'Insufficient Permissions'],
    ['[GPU is lost], [GPU is lost], [GPU is lost], [GPU is lost], [GPU is lost], [GPU is lost]', 'GPU is lost'],
    ['ERR!, ERR!, 535.1, 8.0, Disabled, X', 'ERR!'],
    ['[N/A], [N/A], 535.1, 8.0, [N/A], X', null],
    ['[Not Supported], [Not Supported], 535.1, 8.0, [N/A], X', null],
  ])('keeps what the driver says in place of figures: %s', (line, driverSays) => {
    expect(parseNvidiaSmi(line)).toMatchObject({ gpus: [{ driverSays, isVramTrusted: false }], messages: [] });
  });

  it('reads a wrapped message as one, between GPUs', () => {
    const row = '100, 90, 550.1, 9.0, Disabled, X';
    const { gpus, messages } = parseNvidiaSmi(`${row}\nGPU 0000:02:00.0: GPU is lost.  Reboot\n the system\n${row}\n`);
    expect(gpus).toHaveLength(2);
    expect(messages).toEqual(['GPU 0000:02:00.0: GPU is lost.  Reboot the system']);
  });

  it('does not accept more free memory than the total', () => {
    expect(parseNvidiaSmi('1000, 2000, 550.54, 9.0, Disabled, X').gpus[0]?.vramFreeBytes).toBeNull();
  });

  it.each([
    'Failed to initialize NVML: Driver/library version mismatch',
    '<html><body>502 Bad Gateway</body></html>',
    'a, b, c',
    'a, b, c, d, e, f',
    '81559 MiB; 80994 MiB; 550.54.15',
    ', , , , , ',
  ])('refuses %j', (text) => {
    expect(parseNvidiaSmi(text)).toEqual({
      gpus: [],
      messages: [text.trim()],
    });
  });

  it('returns nothing for empty output, and reads at most 64 lines', () => {
    expect(parseNvidiaSmi('')).toEqual({ gpus: [], messages: [] });
    const many = parseNvidiaSmi('100, 90, 550.1, 9.0, Disabled, X\n'.repeat(1000));
    expect(many.gpus).toHaveLength(64);
    expect(many.messages).toEqual([]);
  });
});
