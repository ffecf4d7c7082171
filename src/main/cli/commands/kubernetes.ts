import { resolve } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import { shellWord } from '../../../shared/shell-word.ts';
import type { Cli } from '../cli.ts';
import { columns } from '../columns.ts';
import { findingLines } from '../finding-lines.ts';
import { readCount } from '../read-count.ts';

interface RenderOptions {
  out: string;
  image: string;
  chart: string;
  namespace?: string;
  ingressClass?: string;
  tlsCert?: string;
  tlsKey?: string;
  dockerConfig?: string;
  allow?: string[];
  modelImage?: string;
  modelWeights?: string;
  modelClaim?: string;
  storageClass?: string;
  modelGpus?: string;
}

/** Adds `sealift kubernetes render`. */
export function kubernetesCommands(cli: Cli): void {
  cli.program
    .command('kubernetes')
    .description('run the AI Gateway and the model in a Kubernetes cluster')
    .command('render')
    .description("write the files and the script that install the gateway with GitLab's chart, without internet")
    .argument('<site.yaml>', 'site file, with gateway.url as the name of the ingress')
    .requiredOption('--image <image>', "the gateway's image, as the cluster pulls it")
    .requiredOption('--chart <file>', "GitLab's chart (.tgz)")
    .option('--out <dir>', 'folder for the files', 'sealift-kubernetes')
    .option('--namespace <name>', 'namespace (default: ai-gateway)')
    .option('--ingress-class <name>', 'class of the ingress (default: nginx)')
    .option('--tls-cert <file>', "certificate for the gateway's name")
    .option('--tls-key <file>', 'its private key')
    .option('--docker-config <file>', 'config.json with the login to the registry of the image')
    .option('--allow <range...>', 'address range of GitLab or the model server, for the network policy')
    .option('--model-image <image>', "vLLM's image, to run the model in the cluster too")
    .option('--model-weights <image>', 'image that holds the weights, mounted as a volume (Kubernetes 1.33 or later)')
    .option('--model-claim <GiB>', 'size of a volume for the weights, which load-model.sh fills')
    .option('--storage-class <name>', 'class of that volume (default: the one of the cluster)')
    .option('--model-gpus <n>', 'GPUs of the model server (default: 1)')
    .action(
      cli.action({ writes: true }, async ({ client }, siteFile: string, options: RenderOptions) => {
        const { out, chart, tlsCert, tlsKey, dockerConfig, image, namespace, ingressClass, allow } = options;
        const modelServer = modelServerOf(options);
        const data = await client.kubernetes.render({
          image,
          ...(namespace !== undefined && { namespace }),
          ...(ingressClass !== undefined && { ingressClass }),
          ...(allow && { allow }),
          ...(modelServer && { modelServer }),
          siteFile: resolve(siteFile),
          outFolder: resolve(out),
          chart: resolve(chart),
          ...(tlsCert && { tlsCert: resolve(tlsCert) }),
          ...(tlsKey && { tlsKey: resolve(tlsKey) }),
          ...(dockerConfig && { dockerConfig: resolve(dockerConfig) }),
        });
        const human = [
          `● ${data.folder}, for ${data.host} with chart ${data.chart.name} ${data.chart.version}`,
          ...columns(
            data.files.map((file) => [file.name, file.what]),
            '  ',
          ),
          ...findingLines(data.findings),
          `Run it where kubectl and helm reach the cluster: ${shellWord(`${data.folder}/install.sh`)}`,
        ].join('\n');
        return { data, human };
      }),
    );
}

function modelServerOf({ modelImage, modelWeights, modelClaim, storageClass, modelGpus }: RenderOptions) {
  const others = [modelWeights, modelClaim, storageClass, modelGpus];
  if (modelImage === undefined && others.every((one) => one === undefined)) return undefined;
  if (modelImage === undefined)
    throw appError('usage.invalid', { problem: 'name --model-image too', command: 'kubernetes render' });
  if ((modelWeights === undefined) === (modelClaim === undefined))
    throw appError('usage.invalid', {
      problem: 'with --model-image, name either --model-weights or --model-claim',
      command: 'kubernetes render',
    });
  const count = (option: string, text: string, least: number, most: number) =>
    readCount(text, option, 'kubernetes render', { least, most });
  const weights =
    modelWeights !== undefined
      ? { image: modelWeights }
      : {
          claimGiB: count('--model-claim', modelClaim ?? '', 1, 65_536),
          ...(storageClass !== undefined && { storageClass }),
        };
  const gpus = modelGpus === undefined ? undefined : count('--model-gpus', modelGpus, 0, 64);
  return { image: modelImage, weights, ...(gpus !== undefined && { gpus }) };
}
