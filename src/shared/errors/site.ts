import { shellWord } from '../shell-word.ts';
import { command, type Remedy, spec, steps } from './define.ts';

/** Errors about sites. */
export const siteErrors = {
  'site.file-invalid': spec<{ path: string; problems: { field: string; line: number; problem: string }[] }>({
    exitCode: 2,
    message: ({ path, problems }) =>
      `${path} is not a valid site file: ${problems.map((one) => `${one.field}: ${one.problem}`).join('; ')}`,
    remedies: ({ path, problems }) => [
      steps(
        ...problems.map((one) => `In ${path}${one.line > 0 ? `, line ${one.line}` : ''}: correct ${one.field}.`),
        "Sealift's folder contains a complete example in resources/examples/site.yaml and the schema in resources/schemas/site.schema.json.",
      ),
    ],
  }),
  'site.docs-index': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `${path} is not an index of GitLab's documentation: it is not a SQLite file.`,
    remedies: () => [
      steps(
        "On a machine with internet, create docs.db with the gateway's script create_index.py, as GitLab's page for 17.3 says.",
        'Bring it here in a bundle, as files, and name it as gateway.docsIndex in site.yaml.',
        'Or remove gateway.docsIndex: Chat then answers without the documentation.',
      ),
    ],
  }),
  'site.log-folder': spec<{ path: string; problem: string; advice: string[] }>({
    exitCode: 3,
    message: ({ path, problem }) => `${path} cannot be the folder for the gateway's log: ${problem}.`,
    remedies: ({ advice }) => [steps(...advice)],
  }),
  'site.certificate-file': spec<{ path: string; problem: string }>({
    exitCode: 3,
    message: ({ path, problem }) => `${path} cannot be used: ${problem}.`,
    remedies: ({ path }) => [
      steps(
        `See what the file contains: openssl x509 -noout -subject -issuer -enddate -ext subjectAltName -in ${shellWord(path)}`,
        'caFile needs the root certificates of your authority in PEM form, one after another.',
        "gateway.tls.certFile needs the gateway's certificate for gateway.host (as a subject alternative name), then its intermediates.",
      ),
    ],
  }),
  'site.other-name': spec<{ siteFile: string; name: string; asked: string }>({
    exitCode: 2,
    message: ({ siteFile, name, asked }) => `${siteFile} describes the site "${name}", not "${asked}".`,
    remedies: ({ name, asked }) => [
      steps(
        `For the site ${shellWord(name)}, leave out the other name.`,
        `For the site ${shellWord(asked)}, name its own site file.`,
      ),
    ],
  }),
  'site.which': spec<{ known: string[] }>({
    exitCode: 2,
    message: ({ known }) =>
      known.length > 0
        ? `Several sites are deployed in this data folder: ${known.join(', ')}.`
        : 'No site is deployed in this data folder.',
    remedies: ({ known }) => [
      known.length > 0
        ? steps(`Say which one: --site ${known[0]}`)
        : command('Deploy a site first', 'sealift deploy SITE.yaml'),
    ],
  }),
  'site.port-taken': spec<{ host: string; port: number; part: string; owner: string }>({
    exitCode: 3,
    message: ({ host, port, part, owner }) => `Port ${port} on ${host}, needed for ${part}, is in use by ${owner}.`,
    remedies: ({ port, part }) => [
      steps(
        'Stop the program that uses the port (for a Sealift site: sealift stop --site NAME), then deploy again.',
        `Or set another port for ${part} in the site file.`,
        `See what uses it: ss -ltnp 'sport = :${port}'`,
      ),
    ],
  }),
  'site.address-unusable': spec<{ host: string; port: number; part: string; reason: string }>({
    exitCode: 3,
    message: ({ host, port, part, reason }) => `${part} cannot listen on ${host} port ${port}: ${reason}.`,
    remedies: ({ host, part }) => [
      steps(
        `In the site file, set an address of this machine and a port of 1024 or higher for ${part} (now: ${host}).`,
        "List this machine's addresses: ip -brief address",
      ),
    ],
  }),
  'site.secret-damaged': spec<{ path: string; problem: string }>({
    exitCode: 4,
    message: ({ path, problem }) => `Cannot use the secret ${path}: ${problem}.`,
    remedies: ({ path }) => [
      steps(
        `Restore ${path} from your backup.`,
        `Or remove it and deploy again: a new one is created, and everything that used the old one needs the new one.`,
      ),
    ],
  }),
  'site.plan-damaged': spec<{ path: string; problem: string; deploy: string }>({
    exitCode: 4,
    message: ({ path, problem }) => `Cannot use the service plan ${path}: ${problem}.`,
    remedies: ({ deploy }) => [command('Recreate it from the site file', deploy)],
  }),
  'site.record-damaged': spec<{ path: string; problem: string; site: string }>({
    exitCode: 4,
    message: ({ path, problem }) => `Cannot use ${path}, which records what was deployed: ${problem}`,
    remedies: ({ path, site }) => [
      command('Recreate it', 'sealift deploy SITE.yaml'),
      steps(
        `To continue without it, list the site's containers: docker ps --all --filter label=app.sealift.site=${site}`,
        `Then remove ${path} and try again. Remove by hand anything that only that file recorded.`,
      ),
    ],
  }),
  'site.engine-gone': spec<{ site: string; address: string }>({
    exitCode: 4,
    message: ({ site, address }) =>
      `The site "${site}" has parts in the container engine at ${address}, but no engine answers there.`,
    remedies: ({ site }) => [
      steps('Start it, then try again: sudo systemctl start docker'),
      command('If it is gone for good, uninstall the rest', `sealift uninstall --site ${site} --yes --leave-engines`),
    ],
  }),
  'site.deploy-interrupted': spec<{ site: string; command: string }>({
    exitCode: 3,
    message: ({ site }) => `Cannot start the site "${site}": its deployment was interrupted or failed.`,
    remedies: ({ command: line }) => [command('Continue it: finished steps are not repeated', line)],
  }),
  'site.step-unverified': spec<{ step: string; what: string; problem: string }>({
    exitCode: 4,
    retryable: true,
    message: ({ step, what, problem }) => `"${step}" was done, but its check failed: ${what}: ${problem}.`,
    remedies: () => [steps('Deploy again: finished steps are not repeated.'), command('Read the logs', 'sealift logs')],
  }),
  'site.service-died': spec<{ site: string; log: string; lastLine: string }>({
    exitCode: 4,
    retryable: true,
    message: ({ site, lastLine }) =>
      `The service of site "${site}" exited while starting${lastLine ? `: ${lastLine}` : '.'}`,
    remedies: ({ log }) => [
      steps(`Read the end of ${log}.`, 'Then try again.'),
      command('Recreate the service plan and start', 'sealift deploy SITE.yaml'),
    ],
  }),
  'site.service-stuck': spec<{ site: string; pid: number; seconds: number }>({
    exitCode: 4,
    retryable: true,
    message: ({ site, pid, seconds }) =>
      `The service of site "${site}" (process ${pid}) did not respond within ${seconds} s.`,
    remedies: ({ pid }) => [
      steps(`See whether the process is blocked: ps -o stat,wchan,cmd -p ${pid}`, 'Then try again.'),
    ],
  }),
  'site.part-failed': spec<{ site: string; part: string; error: string }>({
    exitCode: 4,
    retryable: true,
    message: ({ site, part, error }) => `The part "${part}" of site "${site}" did not start: ${error}`,
    remedies: ({ site, part }) => [
      command('Read its log', `sealift logs --site ${site} --part ${part}`),
      command('Once the cause is fixed, start again', `sealift start --site ${site}`),
    ],
  }),
  'site.part-unknown': spec<{ part: string; known: string[] }>({
    exitCode: 2,
    message: ({ part, known }) => `Unknown part "${part}"; this site has: ${known.join(', ') || 'none'}.`,
    remedies: ({ known }) => [steps(`Use one of: ${known.join(', ') || 'none, deploy the site first'}.`)],
  }),
  'site.front-unhealthy': spec<{ url: string; problem: string }>({
    exitCode: 4,
    retryable: true,
    message: ({ url, problem }) => `The front at ${url} is not healthy: ${problem}.`,
    remedies: () => [
      command('Read its log', 'sealift logs --part front'),
      steps("If this machine's firewall filters loopback, allow it, then deploy again."),
    ],
  }),
  'site.uninstall-unconfirmed': spec<{ site: string; removes: string[]; keeps: string[]; undoWith?: string }>({
    exitCode: 3,
    message: ({ site, removes, keeps }) =>
      `Uninstalling "${site}" requires --yes. It removes ${removes.join(', ')}${keeps.length > 0 ? `. It keeps ${keeps.join(', ')}` : ''}`,
    remedies: ({ site, undoWith }) => {
      const removal: [Remedy, ...Remedy[]] = [
        command('Remove everything listed', `sealift uninstall --site ${site} --yes`),
        command('Remove it but keep the weights', `sealift uninstall --site ${site} --keep-weights --yes`),
      ];
      if (undoWith === undefined) return removal;
      return [
        command('First put back what apply changed in GitLab', `sealift gitlab undo ${shellWord(undoWith)}`),
        ...removal,
      ];
    },
  }),
  'site.simulated-image': spec<{ reference: string }>({
    exitCode: 3,
    message: ({ reference }) => `${reference} is a stand-in (SIMULATED): do not connect a real GitLab to it.`,
    remedies: () => [
      steps(
        "Set gateway.image in the site file to GitLab's own image, imported from your bundle.",
        'For a rehearsal, set gitlab.simulated to true.',
      ),
    ],
  }),
  'site.front-unreachable': spec<{ url: string; host: string; port: number; problem: string }>({
    exitCode: 4,
    message: ({ url, problem }) => `The gateway's container cannot reach ${url}: ${problem}.`,
    remedies: ({ host, port }) => [
      steps(
        `Allow containers to reach port ${port} of this machine. With ufw: sudo ufw allow from 172.16.0.0/12 to ${host} port ${port} proto tcp`,
        `With firewalld: sudo firewall-cmd --permanent --zone=docker --add-port=${port}/tcp && sudo firewall-cmd --reload`,
        'Then deploy again: finished steps are not repeated.',
      ),
    ],
  }),
};
