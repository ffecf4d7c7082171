import { shellWord } from '../shell-word.ts';
import { command, spec, steps } from './define.ts';

/** Errors of the area site. */
export const siteErrors = {
  'site.file-invalid': spec<{ path: string; problems: { field: string; line: number; problem: string }[] }>({
    exitCode: 2,
    message: ({ path, problems }) =>
      `${path} is not a valid site file: ${problems.map((one) => `${one.field}: ${one.problem}`).join('; ')}`,
    remedies: ({ path, problems }) => [
      steps(
        ...problems.map((one) => `In ${path}${one.line > 0 ? `, line ${one.line}` : ''}: correct ${one.field}.`),
        'A complete example lies in resources/examples/site.yaml of Sealift, the schema in resources/schemas/site.schema.json.',
      ),
    ],
  }),
  'site.unknown': spec<{ name: string; known: string[] }>({
    exitCode: 2,
    message: ({ name }) =>
      name === '' ? 'The name of the site is empty.' : `No site "${name}" is deployed in this data folder.`,
    remedies: ({ known }) => [
      known.length > 0
        ? steps(`Name one of the deployed sites: ${known.map((one) => `--site ${one}`).join(', ')}.`)
        : command('Deploy the site first', 'sealift deploy SITE.yaml'),
      steps('If the site was deployed with another data folder, name it with --home DIR.'),
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
    message: ({ host, port, part, owner }) => `Port ${port} on ${host}, wanted for ${part}, is taken by ${owner}.`,
    remedies: ({ port, part }) => [
      steps(
        'Stop the program that holds the port (if it is a site of Sealift: sealift stop --site NAME), then deploy again.',
        `Or write another port for ${part} into the site file.`,
        `See who holds it: ss -ltnp 'sport = :${port}'`,
      ),
    ],
  }),
  'site.address-unusable': spec<{ host: string; port: number; part: string; reason: string }>({
    exitCode: 3,
    message: ({ host, port, part, reason }) => `${part} cannot listen on ${host} port ${port}: ${reason}.`,
    remedies: ({ host, part }) => [
      steps(
        `Write an address of this machine and a port from 1024 on for ${part} into the site file (now: ${host}).`,
        "See this machine's addresses: ip -brief address",
      ),
    ],
  }),
  'site.model-missing': spec<{ name: string; known: string[] }>({
    exitCode: 3,
    message: ({ name, known }) =>
      `The model "${name}" is not in the store${known.length > 0 ? ` (it has: ${known.join(', ')})` : ''}.`,
    remedies: ({ known }) => [
      command('Import the bundle that brings it', 'sealift import DIR'),
      ...(known.length > 0 ? [steps(`Or set model.name in the site file to one of: ${known.join(', ')}.`)] : []),
    ],
  }),
  'site.model-damaged': spec<{ name: string; path: string; problem: string }>({
    exitCode: 3,
    message: ({ name, path, problem }) => `The model "${name}" in the store cannot be used: ${path} ${problem}.`,
    remedies: () => [command('Import its bundle again: only what is damaged is read again', 'sealift import DIR')],
  }),
  'site.secret-damaged': spec<{ path: string; problem: string }>({
    exitCode: 4,
    message: ({ path, problem }) => `The secret ${path} cannot be used: ${problem}.`,
    remedies: ({ path }) => [
      steps(
        `Put the right file back to ${path} from your backup.`,
        `Or remove it and deploy again: a new one is made, and whatever used the old one must be given the new one.`,
      ),
    ],
  }),
  'site.plan-damaged': spec<{ path: string; problem: string; deploy: string }>({
    exitCode: 4,
    message: ({ path, problem }) => `The plan of the service, ${path}, cannot be used: ${problem}.`,
    remedies: ({ deploy }) => [command('Write it anew from the site file', deploy)],
  }),
  'site.record-damaged': spec<{ path: string; problem: string; site: string }>({
    exitCode: 4,
    message: ({ path, problem }) => `${path}, which says what was deployed, cannot be used: ${problem}`,
    remedies: ({ path, site }) => [
      command('Write it anew', 'sealift deploy SITE.yaml'),
      steps(
        `To do without it, see what the site has in the container engine: docker ps --all --filter label=app.sealift.site=${site}`,
        `Then remove ${path} and run the same command again. What stays because only that file named it, remove by hand.`,
      ),
    ],
  }),
  'site.engine-gone': spec<{ site: string; address: string }>({
    exitCode: 4,
    message: ({ site, address }) =>
      `The site "${site}" has parts in the container engine at ${address}, and none answers there.`,
    remedies: ({ site }) => [
      steps('Start it, then run the same command again: sudo systemctl start docker'),
      command('If it is gone for good, remove the rest', `sealift uninstall --site ${site} --yes --leave-engines`),
    ],
  }),
  'site.deploy-interrupted': spec<{ site: string; command: string }>({
    exitCode: 3,
    message: ({ site }) =>
      `The deployment of site "${site}" was interrupted or failed: there is no complete site to start.`,
    remedies: ({ command: line }) => [command('Go on with it: what is done is left as it is', line)],
  }),
  'site.step-unverified': spec<{ step: string; what: string; problem: string }>({
    exitCode: 4,
    retryable: true,
    message: ({ step, what, problem }) => `"${step}" was done, but its check fails: ${what}: ${problem}.`,
    remedies: () => [
      steps('Deploy again: steps that are done are left as they are.'),
      command('Look at the logs', 'sealift logs'),
    ],
  }),
  'site.service-died': spec<{ site: string; log: string; lastLine: string }>({
    exitCode: 4,
    retryable: true,
    message: ({ site, lastLine }) =>
      `The service of site "${site}" ended while it started${lastLine ? `: ${lastLine}` : '.'}`,
    remedies: ({ log }) => [
      steps(`Read the end of ${log}.`, 'Then run the same command again.'),
      command('Write the service plan anew and start', 'sealift deploy SITE.yaml'),
    ],
  }),
  'site.service-stuck': spec<{ site: string; pid: number; seconds: number }>({
    exitCode: 4,
    retryable: true,
    message: ({ site, pid, seconds }) =>
      `The service of site "${site}" (process ${pid}) did not react within ${seconds} s.`,
    remedies: ({ pid }) => [
      steps(`See whether the process is blocked: ps -o stat,wchan,cmd -p ${pid}`, 'Then run the same command again.'),
    ],
  }),
  'site.part-failed': spec<{ site: string; part: string; error: string }>({
    exitCode: 4,
    retryable: true,
    message: ({ site, part, error }) => `The part "${part}" of site "${site}" does not start: ${error}`,
    remedies: ({ site, part }) => [
      command('Read its log', `sealift logs --site ${site} --part ${part}`),
      command('When the cause is gone, start again', `sealift start --site ${site}`),
    ],
  }),
  'site.part-unknown': spec<{ part: string; known: string[] }>({
    exitCode: 2,
    message: ({ part, known }) => `There is no part "${part}"; this site has: ${known.join(', ') || 'none'}.`,
    remedies: ({ known }) => [steps(`Use one of: ${known.join(', ') || 'none, deploy the site first'}.`)],
  }),
  'site.front-unhealthy': spec<{ url: string; problem: string }>({
    exitCode: 4,
    retryable: true,
    message: ({ url, problem }) => `The front does not answer as it should at ${url}: ${problem}.`,
    remedies: () => [
      command('Read its log', 'sealift logs --part front'),
      steps('If a firewall of this machine filters loopback, allow it, then deploy again.'),
    ],
  }),
  'site.uninstall-unconfirmed': spec<{ site: string; removes: string[]; keeps: string[] }>({
    exitCode: 3,
    message: ({ site, removes, keeps }) =>
      `Uninstalling "${site}" removes ${removes.length} things, and needs --yes: ${removes.join(', ')}${keeps.length > 0 ? `. It keeps ${keeps.join(', ')}` : ''}`,
    remedies: ({ site }) => [
      command('Remove all that is listed', `sealift uninstall --site ${site} --yes`),
      command('Remove it, but keep the weights', `sealift uninstall --site ${site} --keep-weights --yes`),
    ],
  }),
  'site.simulated-image': spec<{ reference: string }>({
    exitCode: 3,
    message: ({ reference }) => `${reference} is a stand-in (SIMULATED): a real GitLab must not be pointed at it.`,
    remedies: () => [
      steps(
        "Name GitLab's own image as gateway.image in the site file, imported from your bundle.",
        'For a rehearsal set gitlab.simulated to true.',
      ),
    ],
  }),
  'site.front-unreachable': spec<{ url: string; host: string; port: number; problem: string }>({
    exitCode: 4,
    message: ({ url, problem }) => `From inside the gateway's container ${url} does not answer: ${problem}.`,
    remedies: ({ host, port }) => [
      steps(
        `Let containers reach port ${port} of this machine, with ufw: sudo ufw allow from 172.16.0.0/12 to ${host} port ${port} proto tcp`,
        `With firewalld: sudo firewall-cmd --permanent --zone=docker --add-port=${port}/tcp && sudo firewall-cmd --reload`,
        'Then deploy again: what is done is left as it is.',
      ),
    ],
  }),
  'site.ollama-model': spec<{ name: string; problem: string; dataRoot: string }>({
    exitCode: 4,
    message: ({ name, problem }) => `Ollama could not make the model ${name}: ${problem}.`,
    remedies: ({ dataRoot }) => [
      command('Read its log', 'sealift logs --part ollama'),
      steps(
        `See whether the filesystem of the engine has room for a second copy of the weights: df -h ${shellWord(dataRoot)}`,
        'See whether this Ollama knows the architecture of the model; newer models need a newer image.',
      ),
    ],
  }),
};
