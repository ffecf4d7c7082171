import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { bytesText } from '../../../shared/bytes-text.ts';
import { estimateQuestion, type MemoryEstimate } from '../../../shared/contract/estimate.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { type Device, parseGpus } from '../../../shared/estimate/device.ts';
import { issueLines } from '../../../shared/rpc/frames.ts';
import { engineWords, verdictWords } from '../../../shared/verdict-words.ts';
import type { Cli } from '../cli.ts';
import { columns } from '../columns.ts';
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
    .description('estimate how much memory a model needs, and whether it fits')
    .argument(
      '[model]',
      'catalogue id (listed by "sealift models"), or the path of a model\'s folder or file, as in ./weights or model.gguf',
    )
    .option('--config <file>', "the model's config.json, instead of a catalogue id")
    .option('--gguf <file>', 'a GGUF file, instead of a catalogue id')
    .requiredOption('--engine <engine>', 'vllm or llamacpp (required)')
    .option('--context <tokens>', 'tokens per request, prompt and answer', '32768')
    .option('--concurrency <n>', 'concurrent requests (default: 1)')
    .option('--users <n>', 'number of people who will use it, instead of --concurrency')
    .option(
      '--gpu <gpus>',
      'GPUs, such as "80GiB*2", or none for main memory (default: this machine\'s GPUs for vllm, its memory for llamacpp)',
    )
    .option('--rocm-image', "include this machine's AMD GPUs, because a vLLM image for ROCm is available")
    .option('--kv-type <type>', 'type of keys and values, such as fp8 or q8_0')
    .option('--gpu-memory-utilization <share>', 'share of each GPU that vLLM takes, such as 0.9')
    .option('--quantization <name>', 'format of the weights, such as fp8 or q4_k_m')
    .option('--tensor-parallel <n>', 'number of GPUs that share each layer (vLLM)')
    .action(
      cli.action({ writes: false }, async ({ client }, model: string | undefined, options: EstimateOptions) => {
        if (options.users !== undefined && options.concurrency !== undefined)
          throw appError('usage.invalid', {
            problem: '--users and --concurrency cannot be combined',
            command: 'estimate',
          });
        const question = questionOf(options);
        const users = readUsers(options.users, 'estimate');
        const devices = devicesOf(options.gpu);
        const data = await client.estimate.memory({
          ...question,
          ...(options.config === undefined && options.gguf === undefined
            ? sourceOf(model, question.engine)
            : { model }),
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

/** A model on disk has a path with a slash, or the name of a file that only models have; anything else is an id. */
function sourceOf(
  model: string | undefined,
  engine: string,
): { model?: string | undefined; configPath?: string; ggufPath?: string } {
  if (model === undefined) return {};
  const isPath = /[\\/]|\.(gguf|json)$/i.test(model) && existsSync(model);
  if (!isPath) return { model };
  const path = resolve(model);
  if (/\.json$/i.test(model)) return { configPath: path };
  return engine === 'llamacpp' || /\.gguf$/i.test(model) ? { ggufPath: path } : { configPath: path };
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
  throw appError('input.invalid', { what: 'The command line', issues });
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
  const size = (bytes: number | null) => (bytes === null ? 'unknown' : bytesText(bytes));
  const { interval, visionBytes } = data;
  const vision = visionBytes === undefined ? '' : `, including ${size(visionBytes)} for the vision encoder`;
  const range = interval ? `, likely ${size(interval.lowBytes)} to ${size(interval.highBytes)}` : '';
  return [
    `${verdictMarks[data.verdict]} ${data.model}, ${engineWords[data.engine]}, ${data.quantization}: ${verdictWords[data.verdict]}. ${data.reason}`,
    ...(data.change ? [`  To make it fit: ${data.change.text}`] : []),
    '',
    ...columns(
      [
        ['weights', `${size(data.weightsBytes)}${vision}`],
        [
          'KV cache',
          `${size(data.kvCacheBytes)} for ${data.concurrency} x ${data.contextTokens} tokens, ${data.kvType}`,
        ],
        ['compute', size(data.computeBytes)],
        ['overhead', size(data.overheadBytes)],
        ['total', `${size(data.totalBytes)}${range}`],
      ],
      '  ',
    ),
    ...data.devices.map((one) => `  ${one.name}: ${size(one.totalBytes)} of ${size(one.usableBytes)} usable`),
    ...(data.maxContext === null
      ? []
      : [
          `  at most ${data.maxContext} tokens at ${data.concurrency} concurrent requests, or ${data.maxConcurrency} requests at ${data.contextTokens} tokens`,
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
  return [`  GitLab requires ${minimum.gpus}${bytes}: a policy, not a measurement`];
}
