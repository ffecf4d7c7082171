import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { appError } from '../../../shared/errors/app-error.ts';
import { runTool } from '../processes/run-tool.ts';
import { browserPlaces, findBrowser } from './find-browser.ts';

const printTimeoutMs = 60_000;
/* The user `nobody`. */
const nobodyId = 65534;

/**
 * Prints a page to PDF on A4 with a browser of this machine, which runs without a window, with a profile of its own that is removed, and
 * reaches nothing: every name is unknown to it, every address behind a closed door. Its sandbox stays on: since browsers keep none for
 * root, root has it run as nobody. Throws `report.no-browser`, `report.print-failed`.
 */
export async function printPdf(page: string, env: NodeJS.ProcessEnv = process.env): Promise<Buffer> {
  const browser = await findBrowser(browserPlaces(process.platform, env));
  if (browser === undefined) throw appError('report.no-browser', {});
  const folder = await mkdtemp(join(tmpdir(), 'sealift-print-'));
  try {
    const [html, pdf] = [join(folder, 'page.html'), join(folder, 'page.pdf')];
    await writeFile(html, page, { mode: 0o600 });
    const isRoot = process.getuid?.() === 0;
    if (isRoot) for (const path of [folder, html]) await chown(path, nobodyId, nobodyId);
    const asked = [...flags(join(folder, 'profile'), pdf), pathToFileURL(html).href];
    const answer = await runTool(
      browser,
      asked,
      printTimeoutMs,
      isRoot ? { as: { userId: nobodyId, home: folder } } : {},
    );
    const bytes = await readFile(pdf).catch(() => undefined);
    if (bytes?.subarray(0, 5).toString() === '%PDF-') return bytes;
    const said = answer.kind === 'failed' ? answer.output.slice(-500) : answer.kind;
    throw appError('report.print-failed', { browser, said });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
  }
}

function flags(profile: string, pdf: string): string[] {
  return [
    '--headless',
    '--disable-gpu',
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-extensions',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-dev-shm-usage',
    '--host-resolver-rules=MAP * ~NOTFOUND',
    '--proxy-server=socks5://127.0.0.1:9',
    `--user-data-dir=${profile}`,
    '--no-pdf-header-footer',
    `--print-to-pdf=${pdf}`,
  ];
}
