import type { kubernetes } from '../../../shared/contract/kubernetes.ts';
import type { ModelSite } from '../../../shared/model-sites.ts';
import type { ParsedInputOf } from '../../../shared/rpc/contract.ts';
import { loadModelCatalog } from '../catalog/load-model-catalog.ts';
import { listFolder } from '../files/list-folder.ts';
import type { CorePorts } from '../ports.ts';
import { catalogFlags } from '../serving/containers/catalog-flags.ts';
import { toolParser } from '../serving/containers/tool-parser.ts';
import { loadVllmCatalog } from '../serving/containers/vllm-catalog.ts';
import { vllmArguments } from '../serving/containers/vllm-container.ts';
import { modelFolder } from '../store/store-paths.ts';
import type { ModelServer } from './release.ts';

type Wish = NonNullable<ParsedInputOf<typeof kubernetes.render>['modelServer']>;

/** Plans vLLM for a cluster, with the arguments that a deployment on this machine would give it. `endpoint`: the site's. */
export async function planModelServer(
  ports: CorePorts,
  site: ModelSite,
  { namespace, endpoint, wish }: { namespace: string; endpoint: URL; wish: Wish },
): Promise<ModelServer> {
  const files = await listFolder(modelFolder(ports.paths.store, site.model.name));
  const { models } = await loadModelCatalog(ports.resources);
  const asked = catalogFlags(models, site.model, files);
  const model = { ...site.model, image: wish.image };
  const parser = toolParser(model, { catalog: await loadVllmCatalog(ports.resources), asked });
  const why = ['the GPUs of one pod'];
  const parallel = { tensorParallel: Math.max(1, wish.gpus), pipelineParallel: 1, chosenBy: 'site-file' as const, why };
  return {
    ...wish,
    model: site.model,
    namespace: `${namespace}-model`,
    arguments: vllmArguments(site, { parser, asked, parallel }),
    port: Number(endpoint.port) || (endpoint.protocol === 'https:' ? 443 : 80),
    hasFiles: files.length > 0,
  };
}
