import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { appError } from '../../../shared/errors/app-error.ts';
import { writeWhole } from '../../core/files/write-whole.ts';
import { isLoopback, isWildcard, urlHost } from '../../core/http/network-host.ts';
import { loadPage } from '../../core/http/page-files.ts';
import { type PageServerOptions, startPageServer } from '../../headless/page-server.ts';
import { SignIn } from '../../headless/sign-in.ts';
import type { Cli, Session } from '../cli.ts';
import { pageFolder } from '../ports.ts';

interface Options {
  host: string;
  port: string;
  tlsCert?: string;
  tlsKey?: string;
  allowHost: string[];
}

interface Ready {
  /** The page's address; signs in whoever opens it if it contains the token. */
  url: string;
  /** The file with the URL that contains the token. */
  tokenFile?: string;
  mayWrite: boolean;
  owner?: string;
  tunnel?: string;
}

/** Adds `sealift serve`. */
export function serveCommands(cli: Cli): void {
  cli.program
    .command('serve')
    .description('serve the window in a browser until Ctrl-C; from another machine, use an SSH tunnel')
    .option(
      '--port <n>',
      'port to listen on, or 0 for any free port; on a fixed port, browsers stay signed in after a restart',
      '0',
    )
    .option('--host <address>', 'address to listen on; TLS is required unless it is loopback', '127.0.0.1')
    .option('--tls-cert <file>', 'certificate (PEM)')
    .option('--tls-key <file>', 'private key of the certificate (PEM)')
    .option('--allow-host <name>', 'another host name that browsers may use (repeatable)', collect, [])
    .action(cli.action({ writes: 'if-free', shell: 'browser' }, servePage));
}

async function servePage(session: Session, options: Options): Promise<'emitted'> {
  const { paths, mayWrite, owner, stopped, answer, tellPage } = session.hosting;
  const port = readPort(options.port);
  const tls = await readTls(options, port);
  const folder = paths.serve;
  const signIn = await SignIn.open(port === 0 ? undefined : join(folder, `${port}.sessions`), () => new Date());
  const { host, allowHost } = options;
  const page = await loadPage(pageFolder);
  const server = await startPageServer({ host, port, allowedHosts: allowHost, ...tls, page, signIn, onPipe: answer });
  const origin = `${tls.tls ? 'https' : 'http'}://${urlHost(shownHost(options)).toLowerCase()}:${server.port}/`;
  const link = `${origin}#token=${signIn.token}`;
  const tokenFile = process.stdout.isTTY ? undefined : join(folder, `${server.port}.url`);
  try {
    if (tokenFile) await writeWhole(tokenFile, `${link}\n`, { folderMode: 0o700 });
    await tellPage(origin);
    const ready: Ready = {
      url: tokenFile ? origin : link,
      ...(tokenFile && { tokenFile }),
      mayWrite,
      ...(!mayWrite && { owner }),
      ...(isLoopback(host) && { tunnel: tunnelLine(server.port) }),
    };
    session.emit({ ok: true, data: ready }, readyLines(ready));
    if (!stopped.aborted) await once(stopped, 'abort');
  } finally {
    await server.close();
    if (tokenFile) await rm(tokenFile, { force: true });
  }
  return 'emitted';
}

function readPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw appError('usage.invalid', { problem: `--port ${text} is not a port number.`, command: 'serve' });
}

async function readTls(
  { host, tlsCert, tlsKey, allowHost }: Options,
  port: number,
): Promise<Pick<PageServerOptions, 'tls'>> {
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw appError('usage.invalid', { problem: '--tls-cert and --tls-key must be used together.', command: 'serve' });
  if (tlsCert === undefined || tlsKey === undefined) {
    if (isLoopback(host)) return {};
    throw appError('serve.needs-tls', { host, tunnel: tunnelLine(port || 8080) });
  }
  if (isWildcard(host) && allowHost.length === 0) throw appError('serve.host-unnamed', { host });
  const [certFile, keyFile] = [resolve(tlsCert), resolve(tlsKey)];
  const tls = { cert: await readPem(certFile, 'The certificate'), key: await readPem(keyFile, 'The key') };
  try {
    createSecureContext(tls);
  } catch (cause) {
    throw appError('serve.tls-unusable', { certFile, keyFile }, cause);
  }
  return { tls };
}

function readPem(path: string, what: string): Promise<Buffer> {
  return readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw appError('file.missing', { path, what }, cause);
    throw appError('file.denied', { path, action: 'read' }, cause);
  });
}

function shownHost({ host, allowHost }: Options): string {
  return isWildcard(host) ? (allowHost[0] ?? host) : host;
}

function tunnelLine(port: number): string {
  return `ssh -L ${port}:127.0.0.1:${port} ${hostname()}`;
}

function readyLines({ url, tokenFile, mayWrite, owner, tunnel }: Ready): string {
  const lines = tokenFile
    ? [`● ${url}`, `  The sign-in link is in ${tokenFile}`]
    : [`● ${url}`, '  This link signs you in: keep it secret.'];
  if (tunnel) lines.push(`  From another machine, run: ${tunnel}`, '  and open the same link there.');
  if (!mayWrite) lines.push(`▲ Read-only: ${owner} holds the lock.`);
  return [...lines, '  Press Ctrl-C to stop.'].join('\n');
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
