import packageJson from '../../../package.json' with { type: 'json' };
import { appError } from '../../shared/errors/app-error.ts';
import { readApiKey } from '../core/serving/api-key.ts';
import { frontServer } from '../core/serving/front/front-server.ts';
import { StableTag } from '../core/serving/front/stable-tag.ts';
import { Upstream } from '../core/serving/front/upstream.ts';
import { keyRing } from '../core/serving/openai/key-ring.ts';
import { listen } from '../core/serving/parts/listen.ts';
import { runPart } from '../core/serving/parts/part-process.ts';

runPart('front', async (config, address) => {
  const at = 'url' in config.upstream ? config.upstream : address;
  if (!at) throw appError('input.invalid', { what: 'part', issues: ['upstream: its address is missing'] });
  const upstream = new Upstream(at);
  const { app, measure } = frontServer({
    keys: keyRing(
      await readApiKey(config.apiKeyFile),
      config.keysFile === undefined ? undefined : { file: config.keysFile, onDamage: report },
    ),
    clients: config.clients ?? [],
    ...(config.stableTags && { tags: new StableTag() }),
    models: [
      {
        servedName: config.servedName,
        contextTokens: config.contextTokens,
        cutsPrompts: config.cutsPrompts ?? false,
        continuesByFlag: config.continuesByFlag === true,
        upstream,
      },
    ],
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
      ...('url' in config.upstream && { upstreamSilentSeconds: upstream.silentSeconds() }),
    }),
    redirect: (next) => upstream.redirect(next),
    stop: async () => {
      await upstream.close();
      await app.close();
    },
  };
});

function report(error: Error): void {
  process.stderr.write(`${error.stack ?? error.message}\n`);
}
