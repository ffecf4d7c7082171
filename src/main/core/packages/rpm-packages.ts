import { runTool } from '../processes/run-tool.ts';

const timeoutMs = 60_000;
const format = ['--queryformat', '%{NAME}.%{ARCH} %{EPOCHNUM} %{VERSION} %{RELEASE}\\n'];
/* What rpm allows in these; anything else would be read as a macro. */
const plainPart = /^[\w.+~^]+$/;

/** Returns those .rpm files whose package is installed in this or a newer version; `rpm --upgrade` refuses them. */
export async function installedRpms(files: readonly string[]): Promise<string[]> {
  const installed = rows(await said(['--query', '--all', ...format]));
  const present: string[] = [];
  for (const file of files) {
    const [name, ...brought] = rows(await said(['--query', ...format, '--package', file]))[0] ?? [];
    const have = installed.filter((row) => row[0] === name).map((row) => row.slice(1));
    for (const one of have) if (!present.includes(file) && (await isAtLeast(one, brought))) present.push(file);
  }
  return present;
}

function rows(text: string): string[][] {
  return text.split('\n').map((line) => line.split(' '));
}

/** Compares epoch, version and release by rpm's own rule. */
async function isAtLeast(have: string[], brought: string[]): Promise<boolean> {
  if (have.length !== 3 || brought.length !== 3 || ![...have, ...brought].every((one) => plainPart.test(one)))
    return false;
  const compared = have.map((one, at) => `rpm.vercmp("${one}", "${brought[at]}")`);
  const answers = (await said(['--eval', `%{lua: print(${compared.join(', ')})}`])).split(/\s+/);
  const first = answers.find((one) => one !== '0');
  return answers.length === 3 && first !== '-1';
}

/** What rpm prints, or nothing if it fails: the installation then reports the reason. */
async function said(args: string[]): Promise<string> {
  const answer = await runTool('rpm', args, timeoutMs);
  return answer.kind === 'ok' ? answer.stdout.trim() : '';
}
