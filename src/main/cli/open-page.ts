import { spawn } from 'node:child_process';
import { writeWhole } from '../core/files/write-whole.ts';
import { hasDisplay } from '../core/hardware/desktop.ts';
import { html } from '../core/pages/html.ts';

/** What opens a page: the sign-in link, a file that may be written for it, and why there is no window, if that is a surprise. */
export interface PageToOpen {
  link: string;
  file: string;
  whyNoWindow?: string | undefined;
}

/** Programs that show a file in the browser of a desktop, in the order of trying. */
const programs: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['open'],
  win32: ['explorer.exe'],
  linux: ['xdg-open', 'sensible-browser', 'x-www-browser', 'firefox', 'chromium', 'google-chrome'],
};
/** Exit codes of xdg-open: no browser found, or it did not start. */
const notOpened = [3, 4];

/** Returns whether this process runs on a desktop whose browser it may start. A browser of root's would be a risk of its own. */
export function hasDesktop(platform: NodeJS.Platform, env: NodeJS.ProcessEnv, uid: number | undefined): boolean {
  if (platform !== 'linux') return programs[platform] !== undefined;
  return uid !== 0 && hasDisplay(env);
}

/**
 * Starts the browser of this desktop with the page. The link signs in, and other users can read a program's arguments: so the browser gets
 * a file that only this user can read and that leads to the link.
 */
export async function openPage({ link, file, whyNoWindow }: PageToOpen): Promise<void> {
  const body = html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="${whyNoWindow ? 10 : 0}; url=${link}">
<title>Sealift</title>
${whyNoWindow && html`<p>${whyNoWindow}. Sealift opens in this browser instead, with the same screens.</p>`}
<p><a href="${link}">Open Sealift</a></p>
</html>
`;
  await writeWhole(file, body.text, { folderMode: 0o700 });
  start(programs[process.platform] ?? [], file);
}

function start([program, ...others]: readonly string[], file: string): void {
  if (program === undefined) return;
  const child = spawn(program, [file], { detached: true, stdio: 'ignore' });
  child.once('error', () => start(others, file));
  child.once('exit', (code) => code !== null && notOpened.includes(code) && start(others, file));
  child.unref();
}
