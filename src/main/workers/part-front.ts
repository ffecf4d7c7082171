import packageJson from '../../../package.json' with { type: 'json' };
import type { KeySource } from '../../shared/site-file.ts';
import { readUpstreamKey } from '../core/files/upstream-key.ts';
import { readApiKey } from '../core/serving/api-key.ts';
import type { FrontModel } from '../core/serving/front/front-models.ts';
import { frontServer } from '../core/serving/front/front-server.ts';
import { StableTag } from '../core/serving/front/stable-tag.ts';
import { Upstream } from '../core/serving/front/upstream.ts';
import { keyRing } from '../core/serving/openai/key-ring.ts';
import { listen } from '../core/serving/parts/listen.ts';
import { runPart } from '../core/serving/parts/part-process.ts';
import {
  type FrontedModel,
  frontedModels,
  type PartAddress,
  type PartOf,
  silenceFigure,
} from '../core/serving/parts/parts.ts';
import { siteAuthorities } from '../core/sites/site-trust.ts';

runPart('front', async (config, addresses) => {
  let models = await openModels(config, addresses, []);
  const { app, measure, replaceModels } = frontServer({
    keys: keyRing(
      await readApiKey(config.apiKeyFile),
      config.keysFile === undefined ? undefined : { file: config.keysFile, onDamage: report },
    ),
    clients: config.clients ?? [],
    ...(config.stableTags && { tags: new StableTag() }),
    models,
    writeLog: (line) => process.stdout.write(line),
    onBug: report,
  });
  const fixed = withoutModels(config);
  return {
    address: await listen(
      app,
      config.host,
      config.port,
      'front.port in the site file (for sealift model-server: --port)',
    ),
    version: packageJson.version,
    // A part of the same service measures itself.
    measure: () => ({
      ...measure(),
      ...Object.fromEntries(
        models
          .filter(({ at }) => 'url' in at)
          .map((model) => [silenceFigure(model, models.length > 1), model.upstream.silentSeconds()]),
      ),
    }),
    redirect: (part, next) => {
      for (const { at, upstream } of models) if ('part' in at && at.part === part) upstream.redirect(next);
    },
    change: async (next, now) => {
      if (next.kind !== 'front' || withoutModels(next) !== fixed) return false;
      // One that goes still has requests, each of which may call its server several times. Idle connections close by themselves.
      models = await openModels(next, now, models);
      replaceModels(models);
      return true;
    },
    stop: async () => {
      for (const { upstream } of models) await upstream.close();
      await app.close();
    },
  };
});

/** A model and its server, as the configuration names them. */
interface OpenModel extends FrontModel {
  at: FrontedModel['upstream'];
  /** Tells one configuration from another. */
  config: string;
}

/** Returns the models of a configuration; those that were open and are configured as before stay as they are. */
async function openModels(
  config: PartOf<'front'>,
  addresses: Record<string, PartAddress>,
  before: readonly OpenModel[],
): Promise<OpenModel[]> {
  const opened = frontedModels(config).map(async (given): Promise<OpenModel> => {
    const text = JSON.stringify(given);
    const known = before.find((one) => one.config === text);
    if (known) return known;
    const { upstream: at, cutsPrompts = false, continuesByFlag = false, ...model } = given;
    const upstream = new Upstream('url' in at ? await serverAt(at) : addresses[at.part]);
    return { ...model, cutsPrompts, continuesByFlag, upstream, at, config: text };
  });
  return Promise.all(opened);
}

/** What of a configuration cannot change while the front listens. */
function withoutModels(config: PartOf<'front'>): string {
  const {
    servedName: _,
    contextTokens: _tokens,
    upstream: _at,
    cutsPrompts: _cuts,
    continuesByFlag: _flag,
    ...rest
  } = config;
  return JSON.stringify({ ...rest, further: undefined });
}

async function serverAt({
  url,
  key,
  caFile,
}: {
  url: string;
  key?: KeySource | undefined;
  caFile?: string | undefined;
}) {
  return { url, key: key && (await readUpstreamKey(key)), ca: await siteAuthorities({ caFile }) };
}

function report(error: Error): void {
  process.stderr.write(`${error.stack ?? error.message}\n`);
}
