import { randomUUID } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { redact, toAppError } from '../../shared/errors/app-error.ts';
import { readServicePlan } from '../core/serving/parts/read-service-plan.ts';
import { takeLock } from '../core/settings/lock.ts';
import { codeSha256 } from '../core/site/service/code-sha256.ts';
import { SiteService } from '../core/site/service/site-service.ts';
import { sitePaths } from '../core/sites/site-paths.ts';

// Usage: node service.js SITE-FOLDER. The parts' entries are next to this one.
const [, entry = '', folder = ''] = process.argv;
process.umask(0o077);
// The service outlives the terminal it was started from; once it is there, SIGHUP makes it look at its parts.
process.on('SIGHUP', () => undefined);
process.on('SIGINT', () => undefined);

const say = (line: string) => process.stderr.write(`${new Date().toISOString()} ${line}\n`);

async function main(): Promise<void> {
  const paths = sitePaths(dirname(folder), basename(folder));
  const { plan, sha256 } = await readServicePlan(paths.servicePlan);
  const lock = await takeLock(paths.serviceLock, `the service of site ${plan.site}`, new Date());
  let isStopping = false;
  const stop = () => {
    if (isStopping) return;
    isStopping = true;
    void service.stop().then(async () => {
      await lock.release();
      say('stopped');
      process.exit(0);
    });
  };
  const service = new SiteService({
    plan,
    planSha256: sha256,
    paths,
    entries: await realpath(dirname(entry)),
    codeSha256: await codeSha256(dirname(entry)),
    // Loaded on first use: most sites never need it.
    restartModel: async (signal, part) =>
      (await import('../core/site/containers/restart-model.ts')).restartModel(paths, signal, part),
    say,
    onOrphaned: stop,
  });
  process.on('SIGTERM', stop);
  process.on('SIGHUP', () => {
    // A failure to check the parts must not end the ones that serve.
    service.reload().catch((error) => say(`cannot look at the parts again: ${redact(String(error.message))}`));
  });
  say(`started for site ${plan.site} with parts ${plan.parts.map((part) => part.name).join(', ')}`);
  await service.start();
}

main().catch((thrown) => {
  const error = toAppError(thrown, randomUUID);
  say(`Error: ${error.code}: ${error.message}`);
  if (error.code === 'internal') say(String((thrown as Error).stack));
  process.exit(error.exitCode);
});
