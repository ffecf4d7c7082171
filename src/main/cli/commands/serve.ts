import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { appError } from '../../../shared/errors/app-error.ts';
import { writeWhole } from '../../core/files/write-whole.ts';
import { collectDesktop } from '../../core/hardware/desktop.ts';
import { thisSystem } from '../../core/hardware/system-view.ts';
import { isLoopback, isWildcard, urlHost } from '../../core/http/network-host.ts';
import { loadPage } from '../../core/http/page-files.ts';
import { lockOwner } from '../../core/settings/lock.ts';
import { type OpenedFile, openedFile } from '../../core/wizard/opened-file.ts';
import type { PageServerOptions } from '../../headless/page-server.ts';
import { SignIn } from '../../headless/sign-in.ts';
import type { Cli, Session } from '../cli.ts';
import { collect } from '../collect.ts';
import { hasDesktop, openPage } from '../open-page.ts';

const browserTimeoutMs = 5000;

interface Options {
  host: string;
  port: string;
  tlsCert?: string;
  tlsKey?: string;
  allowHost: string[];
  open?: string | true;
}

interface Ready {
  /** The page's address; signs in whoever opens it if it contains the token. */
  url: string;
  /** The file with the URL that contains the token. */
  tokenFile?: string;
  mayWrite: boolean;
  owner?: string;
  tunnel?: string;
  /** True if the browser of this desktop was started with the page. */
  opened?: boolean;
  /** True if this desktop has no browser. */
  noBrowser?: boolean;
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
    .option(
      '--open [file]',
      "open the page in this desktop's browser; with a bundle.json or site file, continue with that",
    )
    .action(cli.action({ writes: 'if-free', shell: 'browser' }, servePage));
}

async function servePage(session: Session, options: Options): Promise<'emitted'> {
  const { paths, pageFolder, mayWrite, owner, stopped, answer, tellPage } = session.hosting;
  const isAsked = options.open !== undefined && hasDesktop(process.platform, process.env, process.getuid?.());
  const noBrowser = isAsked && !(await hasBrowser());
  const opens = isAsked && !noBrowser;
  const shown = readOpened(options);
  if (opens && (await openRunning(session, shown))) return 'emitted';
  if (shown && mayWrite) await session.client.wizard.answer(shown.answers);
  const port = readPort(options.port);
  const tls = await readTls(options, port);
  const folder = paths.serve;
  const signIn = await SignIn.open(port === 0 ? undefined : join(folder, `${port}.sessions`), () => new Date());
  const { host, allowHost } = options;
  const page = await loadPage(pageFolder);
  // Loaded here, because other commands start without it.
  const { startPageServer } = await import('../../headless/page-server.ts');
  const server = await startPageServer({ host, port, allowedHosts: allowHost, ...tls, page, signIn, onPipe: answer });
  const origin = `${tls.tls ? 'https' : 'http'}://${urlHost(shownHost(options)).toLowerCase()}:${server.port}/`;
  const link = `${origin}#token=${signIn.token}`;
  const startFile = join(folder, `${server.port}.html`);
  const tokenFile = process.stdout.isTTY ? undefined : join(folder, `${server.port}.url`);
  try {
    if (tokenFile) await writeWhole(tokenFile, `${link}\n`, { folderMode: 0o700 });
    await tellPage(origin);
    if (opens)
      await openPage({ link: linkTo(link, shown), file: startFile, whyNoWindow: process.env.SEALIFT_NO_WINDOW });
    const ready: Ready = {
      url: tokenFile ? origin : link,
      ...(tokenFile && { tokenFile }),
      mayWrite,
      ...(!mayWrite && { owner }),
      ...(isLoopback(host) && { tunnel: tunnelLine(server.port) }),
      ...(opens && { opened: true }),
      ...(noBrowser && { noBrowser }),
    };
    session.emit({ ok: true, data: ready }, readyLines(ready));
    if (!stopped.aborted) await once(stopped, 'abort');
  } finally {
    await server.close();
    for (const file of [tokenFile, startFile]) if (file) await rm(file, { force: true });
  }
  return 'emitted';
}

/** Opens the page of the `sealift serve` that holds the lock and runs without a terminal: a menu entry may be selected twice. */
async function openRunning(session: Session, shown: OpenedFile | undefined): Promise<boolean> {
  const { paths, mayWrite, owner } = session.hosting;
  const { page: url, host } = (!mayWrite && (await lockOwner(paths.lock))) || {};
  if (url === undefined || host !== hostname()) return false;
  const tokenFile = join(paths.serve, `${new URL(url).port}.url`);
  const link = await readFile(tokenFile, 'utf8').catch(() => undefined);
  if (link === undefined) return false;
  await openPage({ link: linkTo(link.trim(), shown), file: tokenFile.replace(/url$/, 'html') });
  session.emit(
    { ok: true, data: { url, tokenFile, mayWrite, owner, opened: true } },
    `● ${url} is open in your browser.`,
  );
  return true;
}

async function hasBrowser(): Promise<boolean> {
  return (await collectDesktop(thisSystem(browserTimeoutMs), false))?.browser !== null;
}

/** What the file of `--open` means. */
function readOpened({ open }: Options): OpenedFile | undefined {
  if (typeof open !== 'string') return undefined;
  const path = resolve(open);
  const opened = openedFile(path);
  if (opened) return opened;
  throw appError('usage.invalid', { problem: `${path} is not named bundle.json or *.yaml.`, command: 'serve' });
}

/** The page takes the screen from its sign-in link. */
function linkTo(link: string, shown: OpenedFile | undefined): string {
  return shown ? `${link}/${shown.place}` : link;
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

function readyLines({ url, tokenFile, mayWrite, owner, tunnel, opened, noBrowser }: Ready): string {
  const lines = tokenFile
    ? [`● ${url}`, `  The sign-in link is in ${tokenFile}`]
    : [`● ${url}`, '  This link signs you in: keep it secret.'];
  if (opened) lines.push('  It opens in your browser.');
  if (noBrowser) lines.push('▲ No browser is installed on this desktop. What to do: sealift check');
  if (tunnel) lines.push(`  From another machine, run: ${tunnel}`, '  and open the same link there.');
  if (!mayWrite) lines.push(`▲ Read-only: ${owner} holds the lock.`);
  return [...lines, '  Press Ctrl-C to stop.'].join('\n');
}
