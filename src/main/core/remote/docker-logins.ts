import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import { readBounded } from '../files/read-bounded.ts';
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
const maxConfigBytes = 4 * 1024 * 1024;
const helperMs = 30_000;
const dockerHub = 'https://index.docker.io/v1/';

/**
 * Returns the login that `docker login` stored for a registry, from the file or from its credential helper; undefined when there is none.
 * Throws `remote.login-unreadable`.
 */
export async function dockerLogin(registry: string, env: NodeJS.ProcessEnv = process.env): Promise<Login | undefined> {
  const path = join(env.DOCKER_CONFIG || join(homedir(), '.docker'), 'config.json');
  const bytes = await readBounded(path, maxConfigBytes);
  if (!bytes) return undefined;
  const config = parseConfig(path, bytes);
  const names =
    registry === 'docker.io' ? [dockerHub, 'docker.io', 'index.docker.io'] : [registry, `https://${registry}`];
  for (const name of names) {
    const helper = config.credHelpers[name] ?? config.credsStore;
    const found = helper === undefined ? undefined : await askHelper(helper, name);
    if (found) return found;
    const stored = config.auths[name] ?? config.auths[`${name}/`];
    const login = stored && storedLogin(path, name, stored);
    if (login) return login;
  }
  return undefined;
}

function parseConfig(path: string, bytes: Buffer): z.infer<typeof dockerConfig> {
  try {
    return dockerConfig.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    // Without the parser's words, which quote the file.
    throw appError('remote.login-unreadable', { path, problem: 'it is not a valid configuration of Docker' });
  }
}

function storedLogin(path: string, name: string, stored: z.infer<typeof entry>): Login | undefined {
  if (stored.identitytoken) return { kind: 'identity', token: stored.identitytoken };
  if (stored.registrytoken) return { kind: 'bearer', token: stored.registrytoken };
  if (stored.username && stored.password) return { kind: 'password', user: stored.username, password: stored.password };
  if (!stored.auth) return undefined;
  const text = Buffer.from(stored.auth, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) throw appError('remote.login-unreadable', { path, problem: `its entry for ${name} is not valid` });
  return { kind: 'password', user: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, '') };
}

async function askHelper(helper: string, name: string): Promise<Login | undefined> {
  const program = `docker-credential-${helper}`;
  const refuse = (problem: string) => appError('remote.login-unreadable', { path: program, problem });
  if (!/^[\w.-]+$/.test(helper)) throw refuse('its name is not a plain word');
  const { exitCode, output } = await runHelper(program, name).catch((error: NodeJS.ErrnoException) => {
    throw refuse(error.code === 'ENOENT' ? 'it is not installed' : error.message);
  });
  if (exitCode !== 0) {
    if (/credentials not found/i.test(output)) return undefined;
    throw refuse(exitCode === null ? 'it did not answer' : `it ended with code ${exitCode}`);
  }
  try {
    const { Username: user, Secret: secret } = helperAnswer.parse(JSON.parse(output));
    return user === '<token>' ? { kind: 'identity', token: secret } : { kind: 'password', user, password: secret };
  } catch {
    throw refuse('its answer is not valid');
  }
}

/** The name goes to standard input, and the login comes from standard output: neither is in argv. */
function runHelper(program: string, name: string): Promise<{ exitCode: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['get'], { stdio: ['pipe', 'pipe', 'ignore'], timeout: helperMs, windowsHide: true });
    let output = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (part: string) => {
      output = (output + part).slice(0, maxConfigBytes);
    });
    child.stdin.on('error', () => undefined);
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, output }));
    child.stdin.end(name);
  });
}
