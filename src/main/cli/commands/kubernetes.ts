import { resolve } from 'node:path';
import { shellWord } from '../../../shared/shell-word.ts';
import type { Cli } from '../cli.ts';
import { columns } from '../columns.ts';
import { findingLines } from '../finding-lines.ts';

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
}

/** Adds `sealift kubernetes render`. */
export function kubernetesCommands(cli: Cli): void {
  cli.program
    .command('kubernetes')
    .description('run the AI Gateway in a Kubernetes cluster')
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
    .action(
      cli.action({ writes: true }, async ({ client }, siteFile: string, options: RenderOptions) => {
        const { out, chart, tlsCert, tlsKey, dockerConfig, ...rest } = options;
        const data = await client.kubernetes.render({
          ...rest,
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
