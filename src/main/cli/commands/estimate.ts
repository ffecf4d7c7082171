import { resolve } from 'node:path';
import { bytesText } from '../../../shared/bytes-text.ts';
import { estimateQuestion, type MemoryEstimate } from '../../../shared/contract/estimate.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { type Device, parseGpus } from '../../../shared/estimate/device.ts';
import { issueLines } from '../../../shared/rpc/frames.ts';
import { engineWords, verdictWords } from '../../../shared/verdict-words.ts';
import type { Cli } from '../cli.ts';
import { verdictMarks } from '../plan-lines.ts';
import { readUsers, sizingLines } from '../sizing-lines.ts';

interface EstimateOptions {
  config?: string;
  gguf?: string;
  engine: string;
  context: string;
  concurrency?: string;
  users?: string;
  gpu?: string;
  rocmImage?: boolean;
  kvType?: string;
  gpuMemoryUtilization?: string;
  quantization?: string;
  tensorParallel?: string;
}

/** Adds `sealift estimate`. */
export function estimateCommands(cli: Cli): void {
  cli.program
    .command('estimate')
    .description('how much memory a model needs, where, and whether it is there')
    .argument('[model]', 'id of the catalogue ("sealift models" shows them), unless --config or --gguf is given')
    .option('--config <file>', 'a config.json instead, as it lies beside weights')
    .option('--gguf <file>', 'a GGUF instead: its header is read')
    .requiredOption('--engine <engine>', 'vllm or llamacpp (required)')
    .option('--context <tokens>', 'tokens of each request, prompt and answer', '32768')
    .option('--concurrency <n>', 'requests at a time (default: 1)')
    .option('--users <n>', 'people who will use it, instead of requests at a time')
    .option(
      '--gpu <gpus>',
      'like "80GiB*2"; none: the memory of this machine (default: its GPUs for vllm, its memory for llamacpp)',
    )
    .option('--rocm-image', 'there is an image of vLLM for ROCm: AMD GPUs of this machine count')
    .option('--kv-type <type>', 'how keys and values are kept, like fp8 or q8_0')
    .option('--gpu-memory-utilization <part>', 'of vLLM, like 0.9')
    .option('--quantization <name>', 'how weights are stored, like fp8 or q4_k_m')
    .option('--tensor-parallel <n>', 'of vLLM: GPUs that share each layer')
    .action(
      cli.action({ writes: false }, async ({ client }, model: string | undefined, options: EstimateOptions) => {
        if (options.users !== undefined && options.concurrency !== undefined)
          throw appError('usage.invalid', {
            problem: '--users and --concurrency exclude each other',
            command: 'estimate',
          });
        const question = questionOf(options);
        const users = readUsers(options.users, 'estimate');
        const devices = devicesOf(options.gpu);
        const data = await client.estimate.memory({
          ...question,
          ...(model !== undefined && { model }),
          ...(options.config !== undefined && { configPath: resolve(options.config) }),
          ...(options.gguf !== undefined && { ggufPath: resolve(options.gguf) }),
          ...(devices && { devices }),
          hasRocmImage: options.rocmImage === true,
          ...(users !== undefined && { users }),
        });
        return { data, human: linesOf(data).join('\n'), red: data.verdict === 'does-not-fit' };
      }),
    );
}

function questionOf(options: EstimateOptions) {
  const parsed = estimateQuestion.safeParse({
    engine: options.engine,
    contextTokens: numberOf(options.context),
    concurrency: numberOf(options.concurrency ?? '1'),
    kvType: options.kvType?.toLowerCase(),
    quantization: options.quantization?.toLowerCase(),
    gpuMemoryUtilization: numberOf(options.gpuMemoryUtilization),
    tensorParallel: numberOf(options.tensorParallel),
  });
  if (parsed.success) return parsed.data;
  const issues = issueLines(parsed.error).map((line) => line.replace(/^\w+/, (field) => `--${optionOf(field)}`));
  throw appError('input.invalid', { what: 'The question', issues });
}

function optionOf(field: string): string {
  return field.replace('Tokens', '').replace(/[A-Z]/g, (big) => `-${big.toLowerCase()}`);
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return /^\d{1,15}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
}

function devicesOf(text: string | undefined): Device[] | 'memory' | undefined {
  if (text === undefined) return undefined;
  if (/^(none|memory)$/i.test(text)) return 'memory';
  const devices = parseGpus(text);
  if (!devices) throw appError('estimate.gpus', { text: text.slice(0, 200) });
  return devices;
}

function linesOf(data: MemoryEstimate): string[] {
  const size = (bytes: number | null) => (bytes === null ? 'not known' : bytesText(bytes));
  const { interval } = data;
  return [
    `${verdictMarks[data.verdict]} ${data.model}, ${engineWords[data.engine]}, ${data.quantization}: ${verdictWords[data.verdict]}. ${data.reason}`,
    ...(data.change ? [`  To make it fit: ${data.change.text}`] : []),
    '',
    `  weights      ${size(data.weightsBytes)}${data.visionBytes === undefined ? '' : `, of it ${size(data.visionBytes)} for the part that sees`}`,
    `  KV cache     ${size(data.kvCacheBytes)} for ${data.concurrency} x ${data.contextTokens} tokens, ${data.kvType}`,
    `  compute      ${size(data.computeBytes)}`,
    `  overhead     ${size(data.overheadBytes)}`,
    `  total        ${size(data.totalBytes)}${interval ? `, likely ${size(interval.lowBytes)} to ${size(interval.highBytes)}` : ''}`,
    ...data.devices.map((one) => `  ${one.name}: ${size(one.totalBytes)} of ${size(one.usableBytes)} that can be used`),
    ...(data.maxContext === null
      ? []
      : [
          `  at most ${data.maxContext} tokens for ${data.concurrency}, or ${data.maxConcurrency} requests of ${data.contextTokens}`,
        ]),
    ...minimumLine(data.gitlabMinimum),
    ...data.notes.map((note) => `  ▲ ${note}`),
    ...(data.sizing ? ['', ...sizingLines(data.sizing)] : []),
  ];
}

function minimumLine(minimum: MemoryEstimate['gitlabMinimum']): string[] {
  if (minimum === undefined) return [];
  if (minimum === null) return ['  GitLab publishes no minimum for this model'];
  const bytes = minimum.vramBytes === null ? '' : `, ${bytesText(minimum.vramBytes)}`;
  return [`  GitLab asks for ${minimum.gpus}${bytes}: its policy, not a measurement`];
}
