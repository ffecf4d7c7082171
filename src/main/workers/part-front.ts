import packageJson from '../../../package.json' with { type: 'json' };
import type { KeySource } from '../../shared/site-file.ts';
import { readApiKey } from '../core/serving/api-key.ts';
import { frontServer } from '../core/serving/front/front-server.ts';
import { StableTag } from '../core/serving/front/stable-tag.ts';
import { Upstream } from '../core/serving/front/upstream.ts';
import { keyRing } from '../core/serving/openai/key-ring.ts';
import { listen } from '../core/serving/parts/listen.ts';
import { runPart } from '../core/serving/parts/part-process.ts';
import { frontedModels, silenceFigure } from '../core/serving/parts/parts.ts';
import { readUpstreamKey } from '../core/serving/upstream-key.ts';
import { siteAuthorities } from '../core/sites/site-trust.ts';

runPart('front', async (config, addresses) => {
  const models = await Promise.all(
    frontedModels(config).map(async ({ upstream: at, cutsPrompts = false, continuesByFlag = false, ...model }) => {
      const upstream = new Upstream('url' in at ? await serverAt(at) : addresses[at.part]);
      return { ...model, cutsPrompts, continuesByFlag, upstream, at };
    }),
  );
  const others = models.filter(({ at }) => 'url' in at);
  const { app, measure } = frontServer({
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
        others.map((model) => [silenceFigure(model, models.length > 1), model.upstream.silentSeconds()]),
      ),
    }),
    redirect: (part, next) => {
      for (const { at, upstream } of models) if ('part' in at && at.part === part) upstream.redirect(next);
    },
    stop: async () => {
      for (const { upstream } of models) await upstream.close();
      await app.close();
    },
  };
});

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
