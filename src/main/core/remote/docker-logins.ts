import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import { sayReadable } from '../files/others-can-read.ts';
import { readBounded } from '../files/read-bounded.ts';
import { runTool } from '../processes/run-tool.ts';
import type { Login } from './remote-access.ts';

const entry = z.object({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
  registrytoken: z.string().optional(),
});
const dockerConfig = z.object({
  auths: z.record(z.string(), entry).default({}),
  credHelpers: z.record(z.string(), z.string()).default({}),
  credsStore: z.string().optional(),
});
const helperAnswer = z.object({ Username: z.string(), Secret: z.string() });
/** Makes the error for what is wrong with the file, or with a helper. */
type Refuse = (problem: string, at?: string) => Error;

const maxConfigBytes = 4 * 1024 * 1024;
const helperMs = 30_000;
const dockerHub = 'https://index.docker.io/v1/';

/**
 * Returns the login that `docker login` stored for a registry, from the file or from its credential helper; undefined when there is none. Says
 * so when others can read the file that it is in. Throws `remote.login-unreadable`.
 */
export async function dockerLogin(
  registry: string,
  say: (line: string) => void,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Login | undefined> {
  const path = join(env.DOCKER_CONFIG || join(homedir(), '.docker'), 'config.json');
  const bytes = await readBounded(path, maxConfigBytes);
  if (!bytes) return undefined;
  const refuse: Refuse = (problem, at = path) =>
    appError('remote.login-unreadable', { path: at, problem, name: registry });
  const config = parseConfig(bytes, refuse);
  const names =
    registry === 'docker.io' ? [dockerHub, 'docker.io', 'index.docker.io'] : [registry, `https://${registry}`];
  for (const name of names) {
    const helper = config.credHelpers[name] ?? config.credsStore;
    const found = helper === undefined ? undefined : await askHelper(helper, name, refuse);
    if (found) return found;
    const stored = config.auths[name] ?? config.auths[`${name}/`];
    const login = stored && storedLogin(name, stored, refuse);
    if (login) await sayReadable(path, 'the logins', say);
    if (login) return login;
  }
  return undefined;
}

function parseConfig(bytes: Buffer, refuse: Refuse): z.infer<typeof dockerConfig> {
  try {
    return dockerConfig.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    // Without the parser's words, which quote the file.
    throw refuse('it is not a valid configuration of Docker');
  }
}

function storedLogin(name: string, stored: z.infer<typeof entry>, refuse: Refuse): Login | undefined {
  if (stored.identitytoken) return { kind: 'identity', token: stored.identitytoken };
  if (stored.registrytoken) return { kind: 'bearer', token: stored.registrytoken };
  if (stored.username && stored.password) return { kind: 'password', user: stored.username, password: stored.password };
  if (!stored.auth) return undefined;
  const text = Buffer.from(stored.auth, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) throw refuse(`its entry for ${name} is not valid`);
  return { kind: 'password', user: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, '') };
}

/** The name goes to standard input, and the login comes from standard output: neither is in argv. */
async function askHelper(helper: string, name: string, refuseAt: Refuse): Promise<Login | undefined> {
  const program = `docker-credential-${helper}`;
  const refuse = (problem: string) => refuseAt(problem, program);
  if (!/^[\w.-]+$/.test(helper)) throw refuse('its name is not a plain word');
  const answer = await runTool(program, ['get'], helperMs, { input: name });
  if (answer.kind === 'missing') throw refuse('it is not installed');
  if (answer.kind === 'silent') throw refuse(`it did not answer within ${helperMs / 1000} s`);
  if (answer.kind === 'failed') {
    if (/credentials not found/i.test(answer.output)) return undefined;
    throw refuse(answer.exitCode === null ? 'it ended without an answer' : `it ended with code ${answer.exitCode}`);
  }
  try {
    const { Username: user, Secret: secret } = helperAnswer.parse(JSON.parse(answer.stdout));
    return user === '<token>' ? { kind: 'identity', token: secret } : { kind: 'password', user, password: secret };
  } catch {
    throw refuse('its answer is not valid');
  }
}
