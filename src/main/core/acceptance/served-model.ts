import { basename } from 'node:path';
import type { z } from 'zod';
import { type AcceptanceResult, rehearsalModelName } from '../../../shared/contract/acceptance.ts';
import type { deployed } from '../../../shared/contract/site.ts';
import type { ModelSite } from '../../../shared/model-sites.ts';
import type { SiteModel } from '../../../shared/site-file.ts';
import { readGgufHeader } from '../weights/read-gguf-header.ts';

type Deployed = z.infer<typeof deployed>;

/** Returns what serves a site's model, by its site file and the record of its deployment. */
export function servedModel({ model }: ModelSite, deploy: Deployed | null): AcceptanceResult['served'] {
  const { engine, name, servedName, endpoint, contextTokens } = model;
  const engineVersion = versionOf(engine, deploy);
  return {
    engine,
    name,
    servedName,
    contextTokens,
    ...(engineVersion && { engineVersion }),
    ...(deploy?.model && { file: basename(deploy.model.path), sha256: deploy.model.sha256 }),
    ...(endpoint && { endpoint }),
  };
}

function versionOf(engine: SiteModel['engine'], deploy: Deployed | null): string | undefined {
  if (engine === 'llamacpp') return deploy?.parts.find((one) => one.kind === engine)?.version;
  const containers = (deploy?.containers ?? []).filter((one) => one.part !== 'gateway');
  return containers.map((one) => `${one.image} ${one.imageId}`).join(', ') || undefined;
}

/** Returns why a site's model is none: its server is a stand-in, or it is the one that rehearsals and tests use. */
export async function simulatedModel(simulatedParts: string[], deploy: Deployed | null): Promise<string | undefined> {
  const parts = simulatedParts.filter((part) => part !== 'gateway');
  if (parts.length > 0) return `the model server is a stand-in (${parts.join(', ')})`;
  if (!deploy?.model) return undefined;
  // A file that cannot be read now was loaded before; its name is then not known.
  const header = await readGgufHeader(deploy.model.path).catch(() => undefined);
  const name = header?.metadata.get('general.name');
  return name === rehearsalModelName ? `the model is "${rehearsalModelName}"` : undefined;
}
