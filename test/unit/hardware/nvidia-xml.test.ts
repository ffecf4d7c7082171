import { describe, expect, it } from 'vitest';
import { parseNvidiaXml } from '../../../src/main/core/hardware/nvidia-xml.ts';

const head = '<?xml version="1.0" ?>\n<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v12.dtd">\n';
const log = (...gpus: string[]) =>
  `${head}<nvidia_smi_log><cuda_version>12.9</cuda_version>${gpus
    .map((one, at) => `<gpu id="00000000:0${at}:00.0">${one}</gpu>`)
    .join('')}</nvidia_smi_log>`;
const process = (pid: string, name: string, memory = '300 MiB') =>
  `<process_info><pid>${pid}</pid><process_name>${name}</process_name><used_memory>${memory}</used_memory></process_info>`;

describe('parseNvidiaXml', () => {
  it('reads processes, with the five entities of XML', async () => {
    const two = process('12', 'a &lt;b&gt; &amp; &quot;c&quot;') + process('13', 'python', 'N/A');
    expect(await parseNvidiaXml(log(`<processes>${two}</processes>`, '<processes>\n</processes>', ''))).toEqual({
      cudaVersion: '12.9',
      gpus: [
        {
          processes: [
            { pid: 12, name: 'a <b> & "c"', usedBytes: 300 * 1024 * 1024 },
            { pid: 13, name: 'python', usedBytes: null },
          ],
          instances: [],
        },
        { processes: [], instances: [] },
        { processes: [], instances: [] },
      ],
    });
  });

  it('leaves out a process without a number, and keeps the others', async () => {
    const gpus = await parseNvidiaXml(
      log(`<processes>${process('-1', 'x')}${process('', 'y')}${process('7', 'z')}</processes>`),
    );
    expect(gpus.gpus[0]?.processes.map((one) => one.name)).toEqual(['z']);
  });

  it('reads at most 64 GPUs and 64 processes of each', async () => {
    const many = `<processes>${process('1', 'x').repeat(100)}</processes>`;
    const { gpus } = await parseNvidiaXml(log(...Array<string>(100).fill(many)));
    expect(gpus).toHaveLength(64);
    expect(gpus[0]?.processes).toHaveLength(64);
  });

  it.each([
    ['', 'nothing'],
    ['NVIDIA-SMI has failed', 'a sentence'],
    ['<nvidia_smi_log><gpu>', 'an answer that was cut'],
    ['<other/>', 'another document'],
    [
      '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><nvidia_smi_log><gpu>&b;</gpu></nvidia_smi_log>',
      'entities of its own',
    ],
  ])('finds no GPU with facts in %j (%s)', async (text) => {
    const { gpus } = await parseNvidiaXml(text);
    expect(gpus.flatMap((one) => [...one.processes, ...one.instances])).toEqual([]);
  });
});
