import { bytesText } from '../../../shared/bytes-text.ts';
import { knownTotal } from '../../../shared/countable-gpu.ts';
import { gpuName } from '../../../shared/gpu-name.ts';
import type { Cpu, Disk, DiskSpeed, Engine, Gpu, Machine, Memory, Os, Security } from '../../../shared/machine.ts';

const unknown = 'unknown';

/** Returns the facts about a machine as rows of name and value, the same in the terminal and on the page. */
export function machineRows(machine: Machine): [string, string][] {
  const { engine, gpuLinks, gpuMasks, gpuToolkit, diskSpeed } = machine;
  const isNvidia = machine.gpus.some((gpu) => gpu.vendor === 'nvidia');
  const rows: [string, string | null][] = [
    ...systemRows(machine.os),
    ...cpuRows(machine.cpu),
    ...memoryRows(machine.memory),
    ...(machine.gpus.length > 0
      ? machine.gpus.map((gpu, index): [string, string] => [`GPU ${index}`, gpuText(gpu)])
      : [['GPU', 'none'] as [string, string]]),
    ['GPU links', gpuLinks.map(({ from, to, link }) => `${from}–${to} ${link}`).join(', ') || null],
    [
      'GPUs hidden',
      gpuMasks.map(({ variable, visible }) => `${variable} leaves ${visible ?? '?'} visible`).join(', ') || null,
    ],
    ['GPUs in containers', isNvidia ? toolkitText(gpuToolkit) : null],
    ...machine.disks.map((disk): [string, string] => [disk.use === 'store' ? 'Store' : 'Engine data', diskText(disk)]),
    ['Disk speed', diskSpeed && speedText(diskSpeed)],
    ['Container engine', engineText(engine)],
    ...securityRows(machine.security),
    ...machine.ports.map((one): [string, string] => [
      `Port ${one.port}`,
      `${one.state}${one.owner ? `: ${one.owner.name}` : ''}`,
    ]),
    ...machine.notKnown.map((one): [string, string] => [`Unknown: ${one.what}`, one.why]),
  ];
  return rows.flatMap(([name, value]): [string, string][] => (value === null ? [] : [[name, value]]));
}

function speedText({ path, bytesPerSecond, isDirect }: DiskSpeed): string {
  return `${path}: ${bytesText(bytesPerSecond)}/s, ${isDirect ? 'measured' : 'possibly from the page cache'}`;
}

const kinds = { metal: 'bare metal', vm: 'virtual machine', wsl: 'WSL on Windows', container: 'container' };
const places = {
  address: 'the hosts file maps it to an address',
  loopback: 'the hosts file maps it to loopback',
  'not-listed': 'not in the hosts file; DNS was not queried',
};

function systemRows(os: Os): [string, string | null][] {
  return [
    ['System', `${os.name ?? os.platform}, kernel ${os.kernel}${os.environment ? `, ${kinds[os.environment]}` : ''}`],
    ['Host name', `${os.hostname}${os.hostnameGoes ? `: ${places[os.hostnameGoes]}` : ''}`],
  ];
}

function cpuRows(cpu: Cpu): [string, string | null][] {
  const nodes = cpu.numaNodes === null ? '' : `, ${cpu.numaNodes} NUMA node${cpu.numaNodes === 1 ? '' : 's'}`;
  const size = `${cpu.coresPhysical ?? '?'} cores, ${cpu.threads} threads${nodes}`;
  const instructions = `AVX2 ${said(cpu.hasAvx2)}, AVX-512 ${said(cpu.hasAvx512)}, AMX ${said(cpu.hasAmx)}`;
  return [
    ['CPU', `${cpu.model ?? unknown}, ${size}, ${cpu.architecture}`],
    ['CPU limit', cpu.limitThreads === null ? null : `${cpu.limitThreads.toFixed(1)} threads`],
    ['Instructions', cpu.architecture === 'x64' ? instructions : null],
  ];
}

function memoryRows(memory: Memory): [string, string | null][] {
  const { hugepagesBytes } = memory;
  return [
    ['Memory', `${bytesText(memory.totalBytes)}, ${amount(memory.availableBytes)} available`],
    ['Memory limit', memory.limitBytes === null ? null : bytesText(memory.limitBytes)],
    ['Swap', `${amount(memory.swapTotalBytes)}, ${amount(memory.swapFreeBytes)} free`],
    ['Huge pages', hugepagesBytes === null || hugepagesBytes === 0 ? null : bytesText(hugepagesBytes)],
  ];
}

function gpuText(gpu: Gpu): string {
  const processes = gpu.processes ?? [];
  const parts = [
    gpu.name === null && gpu.migProfile === null ? `${gpu.vendor}, unknown model` : gpuName(gpu),
    gpuMemory(gpu),
    gpu.driverVersion && `driver ${gpu.driverVersion}`,
    gpu.cudaVersion && `up to CUDA ${gpu.cudaVersion}`,
    gpu.computeCapability && `compute capability ${gpu.computeCapability}`,
    gpu.eccErrors !== null && `${gpu.eccErrors} uncorrected memory errors`,
    processes.length > 0 && `used by ${processes.map((one) => `${one.name} (${one.pid})`).join(', ')}`,
  ];
  return parts.filter(Boolean).join(', ');
}

function gpuMemory(gpu: Gpu): string {
  if (gpu.vramSource === 'unified' || gpu.isIntegrated === true) return sharedMemory(gpu);
  if (gpu.isMigEnabled === true) return `${amount(gpu.vramTotalBytes)}, split into instances`;
  if (knownTotal(gpu) === null) return 'unknown memory';
  return `${amount(gpu.vramFreeBytes)} of ${amount(gpu.vramTotalBytes)} free (${gpu.vramSource})`;
}

function sharedMemory({ vramTotalBytes, sharedBytes }: Gpu): string {
  const reserved = vramTotalBytes === null ? '' : `, ${bytesText(vramTotalBytes)} of it reserved`;
  return `shares the machine's memory${reserved}${sharedBytes === null ? '' : `, up to ${bytesText(sharedBytes)} more`}`;
}

function toolkitText({ nvidiaCtk, cdiSpecs }: Machine['gpuToolkit']): string {
  return `nvidia-ctk ${nvidiaCtk ?? 'not found'}, CDI files ${cdiSpecs.join(', ') || 'none'}`;
}

function diskText(disk: Disk): string {
  const kind = disk.isRotational === null ? '' : disk.isRotational ? ', hard disk (HDD)' : ', solid state (SSD)';
  const filesystem = `${disk.filesystem ?? 'unknown filesystem'} on ${disk.mountPoint ?? unknown}${kind}`;
  return `${disk.path}: ${bytesText(disk.freeBytes)} of ${bytesText(disk.sizeBytes)} free, ${filesystem}`;
}

function engineText(engine: Engine): string {
  if (engine.state !== 'running') return `${engine.state.replace('-', ' ')} (${engine.address})`;
  const runtimes = `runtimes ${engine.runtimes.join(', ') || 'none'}`;
  return [`${engine.product} ${engine.version}`, engine.storageDriver, engine.dataRoot, runtimes]
    .filter(Boolean)
    .join(', ');
}

function securityRows({ selinux, isApparmorOn, firewalls }: Security): [string, string | null][] {
  const modules = [selinux && `SELinux ${selinux}`, isApparmorOn !== null && `AppArmor ${isApparmorOn ? 'on' : 'off'}`];
  const states = firewalls.map(
    ({ name, isActive }) => `${name} ${isActive === null ? unknown : isActive ? 'on' : 'off'}`,
  );
  return [
    ['Security', modules.filter(Boolean).join(', ') || null],
    ['Firewall', states.join(', ') || unknown],
  ];
}

function said(value: boolean | null): string {
  return value === null ? unknown : value ? 'yes' : 'no';
}

function amount(bytes: number | null): string {
  return bytes === null ? unknown : bytesText(bytes);
}
