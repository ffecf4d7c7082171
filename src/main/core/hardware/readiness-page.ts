import { bytesText } from '../../../shared/bytes-text.ts';
import type { Remedy } from '../../../shared/errors/define.ts';
import type { Finding } from '../../../shared/finding.ts';
import type { Disk, Engine, Gpu, Machine } from '../../../shared/machine.ts';
import type { Readiness } from '../../../shared/readiness.ts';
import { verdictLine } from '../../../shared/verdict-line.ts';
import { type Html, html, page } from '../report/html.ts';

const marks = { red: '■ blocked', amber: '▲ look here', green: '● done' } as const;
const unknown = 'not known';

/** The readiness of a machine as one page for people: verdict, what to look at with remedies, what passed, the facts. */
export function readinessPage(readiness: Readiness): string {
  const { machine, findings, createdAt, toolVersion } = readiness;
  const body = html`
<p class="lead">${verdictLine(machine)}</p>
<p class="soft">${countLine(findings)}</p>
${readinessSections(readiness)}
`;
  return page({
    title: `Readiness of ${machine.os.hostname}`,
    body,
    footer: `Made by Sealift ${toolVersion} at ${createdAt}. Sizes are in GiB (2^30 bytes).`,
  });
}

/** What there is to look at on a machine, what passed, and its facts: the body of the page, for other reports too. */
export function readinessSections({ machine, findings }: Readiness): Html {
  const open = findings.filter((one) => one.severity !== 'green');
  const passed = findings.filter((one) => one.severity === 'green');
  return html`
<h2>To look at</h2>
${open.length > 0 ? open.map(findingBlock) : html`<p>Nothing: all checks passed.</p>`}
<h2>${passed.length} checks passed</h2>
<ul class="passed">${passed.map((one) => html`<li><span class="mark green">●</span> ${one.title}</li>`)}</ul>
<h2>The machine</h2>
${machineTable(machine)}
`;
}

function countLine(findings: Finding[]): string {
  const count = (severity: Finding['severity']) => findings.filter((one) => one.severity === severity).length;
  return `■ ${count('red')} blocked · ▲ ${count('amber')} to look at · ● ${count('green')} passed`;
}

function findingBlock(one: Finding): Html {
  return html`<section class="finding ${one.severity}">
<h3><span class="mark">${marks[one.severity]}</span>${one.title}</h3>
${one.consequence && html`<p>${one.consequence}</p>`}
<ul>${one.remedies.flatMap(remedyLines).map((line) => html`<li>${line}</li>`)}</ul>
${one.howWeKnow && html`<p class="how">How we know: ${one.howWeKnow}</p>`}
</section>
`;
}

function remedyLines(remedy: Remedy): Html[] {
  if (remedy.kind === 'call') return [html`${remedy.label}: <code>${remedy.command}</code>`];
  return remedy.steps.map((step) => html`${step}`);
}

function machineTable(machine: Machine): Html {
  const { cpu, memory, os, engine } = machine;
  const rows: [string, string | null][] = [
    ['System', `${os.name ?? os.platform}, kernel ${os.kernel}`],
    ['CPU', `${cpu.model ?? unknown}, ${cpu.coresPhysical ?? '?'} cores, ${cpu.threads} threads, ${cpu.architecture}`],
    ['Instructions', cpu.architecture === 'x64' ? `AVX2 ${said(cpu.hasAvx2)}, AVX-512 ${said(cpu.hasAvx512)}` : null],
    ['Memory', `${bytesText(memory.totalBytes)}, ${amount(memory.availableBytes)} available`],
    ['Limit of the group', memory.limitBytes === null ? null : bytesText(memory.limitBytes)],
    ['Swap', `${amount(memory.swapTotalBytes)}, ${amount(memory.swapFreeBytes)} free`],
    ...(machine.gpus.length > 0
      ? machine.gpus.map((gpu, index): [string, string] => [`GPU ${index}`, gpuText(gpu)])
      : [['GPU', 'none'] as [string, string]]),
    ...machine.disks.map((disk): [string, string] => [disk.use === 'store' ? 'Store' : 'Engine data', diskText(disk)]),
    ['Container engine', engineText(engine)],
    ...machine.ports.map((one): [string, string] => [
      `Port ${one.port}`,
      `${one.state}${one.owner ? `: ${one.owner.name}` : ''}`,
    ]),
    ...machine.notKnown.map((one): [string, string] => [`Not known: ${one.what}`, one.why]),
  ];
  const shown = rows.filter(([, value]) => value !== null);
  return html`<table><tbody>
${shown.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>\n`)}</tbody></table>`;
}

function gpuText(gpu: Gpu): string {
  const memory = gpu.isVramTrusted
    ? `${amount(gpu.vramFreeBytes)} of ${amount(gpu.vramTotalBytes)} free (${gpu.vramSource})`
    : 'memory not known';
  const parts = [
    gpu.name ?? `${gpu.vendor}, name not known`,
    memory,
    gpu.driverVersion && `driver ${gpu.driverVersion}`,
  ];
  return parts.filter(Boolean).join(', ');
}

function diskText(disk: Disk): string {
  const kind = disk.filesystem ?? 'filesystem not known';
  return `${disk.path}: ${bytesText(disk.freeBytes)} of ${bytesText(disk.sizeBytes)} free, ${kind} on ${disk.mountPoint ?? unknown}`;
}

function engineText(engine: Engine): string {
  if (engine.state !== 'running') return `${engine.state.replace('-', ' ')} (${engine.address})`;
  const runtimes = `runtimes ${engine.runtimes.join(', ') || 'none'}`;
  return [`${engine.product} ${engine.version}`, engine.storageDriver, engine.dataRoot, runtimes]
    .filter(Boolean)
    .join(', ');
}

function said(value: boolean | null): string {
  return value === null ? unknown : value ? 'yes' : 'no';
}

function amount(bytes: number | null): string {
  return bytes === null ? unknown : bytesText(bytes);
}
