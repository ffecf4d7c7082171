import { basename } from 'node:path';
import type { z } from 'zod';
import { type AcceptanceResult, rehearsalModelName } from '../../../shared/contract/acceptance.ts';
import type { deployed } from '../../../shared/contract/site.ts';
import { frontedSites, type ModelSite } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { readGgufHeader } from '../weights/read-gguf-header.ts';

type Deployed = z.infer<typeof deployed>;

/** Returns what serves a site's models, by its site file and the record of its deployment. Throws for a site without any. */
export function servedModels(site: SiteFile, deploy: Deployed | null): Pick<AcceptanceResult, 'served' | 'models'> {
  const models = frontedSites(site).map((one) => ({ ...servedModel(one, deploy), features: one.features }));
  const [first] = models;
  if (!first) throw new Error('a checked site file has a model');
  const { features: _of, ...served } = first;
  return { served, ...(site.models && { models }) };
}

function servedModel(site: ModelSite, deploy: Deployed | null): AcceptanceResult['served'] {
  const { engine, name, servedName, endpoint, contextTokens } = site.model;
  const engineVersion = versionOf(site, deploy);
  const listed = deploy?.models?.find(({ part }) => part === site.part)?.stored;
  const stored = site.part === undefined ? deploy?.model : listed;
  return {
    engine,
    name,
    servedName,
    contextTokens,
    ...(engineVersion && { engineVersion }),
    ...(stored && { file: basename(stored.path), sha256: stored.sha256 }),
    ...(endpoint && { endpoint }),
  };
}

function versionOf({ model: { engine }, part }: ModelSite, deploy: Deployed | null): string | undefined {
  if (engine === 'llamacpp') return deploy?.parts.find((one) => one.kind === engine)?.version;
  const all = deploy?.containers ?? [];
  const containers = all.filter((one) => (part === undefined ? one.part !== 'gateway' : one.part === part));
  return containers.map((one) => `${one.image} ${one.imageId}`).join(', ') || undefined;
}

/** Returns why a model of a site is none: its server is a stand-in, or it is the one that rehearsals and tests use. */
export async function simulatedModel(simulatedParts: string[], deploy: Deployed | null): Promise<string | undefined> {
  const parts = simulatedParts.filter((part) => part !== 'gateway');
  if (parts.length > 0) return `the model server is a stand-in (${parts.join(', ')})`;
  const stored = [deploy?.model, ...(deploy?.models ?? []).map((one) => one.stored)];
  const isRehearsal = await Promise.all(stored.map((one) => isRehearsalModel(one?.path)));
  return isRehearsal.includes(true) ? `the model is "${rehearsalModelName}"` : undefined;
}

/** A file that cannot be read now was loaded before; its name is then not known. */
async function isRehearsalModel(path: string | undefined): Promise<boolean> {
  const header = path === undefined ? undefined : await readGgufHeader(path).catch(() => undefined);
  return header?.metadata.get('general.name') === rehearsalModelName;
}
