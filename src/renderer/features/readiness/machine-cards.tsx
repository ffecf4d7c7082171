import { Text } from '@mantine/core';
import { bytesText } from '../../../shared/bytes-text.ts';
import type { GitlabFacts } from '../../../shared/gitlab-facts.ts';
import { gitlabRows } from '../../../shared/gitlab-rows.ts';
import type { Disk, Engine, Machine, Port } from '../../../shared/machine.ts';
import { readinessText as text } from '../../text/readiness.ts';
import { Facts } from '../../ui/facts.tsx';
import { MemoryBars } from '../../ui/memory-bar.tsx';
import { Card } from './card.tsx';
import { GpuCards, LinksCard } from './gpu-cards.tsx';

/** Facts about a machine, and about GitLab if it was checked, one card per topic. */
export function MachineCards({ machine, gitlab }: { machine: Machine; gitlab: GitlabFacts | undefined }) {
  return (
    <div className="sl-machine-cards">
      <CpuCard cpu={machine.cpu} />
      <MemoryCard memory={machine.memory} />
      <GpuCards gpus={machine.gpus} />
      {machine.gpuLinks.length > 0 && <LinksCard links={machine.gpuLinks} />}
      {machine.disks.map((disk) => (
        <DiskCard key={disk.use} disk={disk} />
      ))}
      <EngineCard engine={machine.engine} />
      <PortsCard ports={machine.ports} />
      <SystemCard os={machine.os} />
      <ProtectionCard security={machine.security} />
      {gitlab && (
        <Card title={text.gitlab.title} isWide>
          <Facts rows={gitlabRows(gitlab)} />
        </Card>
      )}
      {machine.notKnown.length > 0 && (
        <Card title={text.notKnownTitle}>
          <Facts rows={machine.notKnown.map((one) => [one.what, one.why] as const)} />
        </Card>
      )}
    </div>
  );
}

function CpuCard({ cpu }: { cpu: Machine['cpu'] }) {
  const rows: [string, string][] = [
    [text.cpu.model, cpu.model ?? text.notKnown],
    [text.cpu.cores, text.cpu.coresValue(cpu.coresPhysical, cpu.threads)],
  ];
  if (cpu.limitThreads !== null) rows.push([text.cpu.limit, text.cpu.limitValue(cpu.limitThreads)]);
  if (cpu.architecture === 'x64')
    rows.push([text.cpu.instructions, text.cpu.has(cpu.hasAvx2, cpu.hasAvx512, cpu.hasAmx)]);
  if (cpu.numaNodes !== null) rows.push([text.cpu.nodes, `${cpu.numaNodes}`]);
  return (
    <Card title={text.cpu.title}>
      <Facts rows={rows} />
    </Card>
  );
}

function MemoryCard({ memory }: { memory: Machine['memory'] }) {
  const { totalBytes, availableBytes, limitBytes, swapTotalBytes, swapFreeBytes } = memory;
  const allBytes = Math.min(totalBytes, limitBytes ?? totalBytes);
  const rows: [string, string][] = [];
  if (limitBytes !== null) rows.push([text.memory.limit, bytesText(limitBytes)]);
  rows.push([
    text.memory.swap,
    swapTotalBytes === null || swapFreeBytes === null
      ? text.notKnown
      : swapTotalBytes === 0
        ? text.memory.noSwap
        : text.memory.of(bytesText(swapFreeBytes), bytesText(swapTotalBytes)),
  ]);
  return (
    <Card title={text.memory.title}>
      {availableBytes === null ? (
        <Text>
          {bytesText(totalBytes)}, {text.memory.available}: {text.notKnown}
        </Text>
      ) : (
        <MemoryBars
          devices={[
            {
              title: text.memory.bar,
              totalBytes: allBytes,
              parts: [
                { use: 'used', name: text.memory.used, bytes: Math.max(0, allBytes - availableBytes) },
                { use: 'free', name: text.memory.available, bytes: Math.min(availableBytes, allBytes) },
              ],
            },
          ]}
        />
      )}
      <Facts rows={rows} />
    </Card>
  );
}

function DiskCard({ disk }: { disk: Disk }) {
  const title = disk.use === 'store' ? text.disk.store : text.disk.engine;
  return (
    <Card title={title}>
      <MemoryBars
        devices={[
          {
            title: disk.path,
            totalBytes: disk.sizeBytes,
            parts: [
              { use: 'used', name: text.disk.used, bytes: Math.max(0, disk.sizeBytes - disk.freeBytes) },
              { use: 'free', name: text.disk.free, bytes: Math.min(disk.freeBytes, disk.sizeBytes) },
            ],
          },
        ]}
      />
      <Facts
        rows={[
          [text.disk.filesystem, text.disk.on(disk.filesystem ?? text.notKnown, disk.mountPoint ?? text.notKnown)],
          [text.disk.kind, text.disk.rotates(disk.isRotational)],
        ]}
      />
    </Card>
  );
}

function EngineCard({ engine }: { engine: Engine }) {
  const rows: [string, string][] = [
    [text.engine.state, text.engine.states[engine.state]],
    [text.engine.address, engine.address],
  ];
  if (engine.state === 'running')
    rows.push(
      [text.engine.version, [engine.product, engine.version].filter(Boolean).join(' ') || text.notKnown],
      [text.engine.storage, [engine.storageDriver, engine.imageStore].filter(Boolean).join(', ') || text.notKnown],
      [text.engine.runtimes, engine.runtimes.join(', ') || text.engine.none],
    );
  return (
    <Card title={text.engine.title}>
      <Facts rows={rows} />
    </Card>
  );
}

function PortsCard({ ports }: { ports: readonly Port[] }) {
  return (
    <Card title={text.ports.title}>
      <Facts
        rows={ports.map((one) => [
          `${one.port}`,
          `${one.owner ? text.ports.by(one.owner.name, one.owner.pid) : text.ports.states[one.state]} (${one.purpose})`,
        ])}
      />
    </Card>
  );
}

function ProtectionCard({ security }: { security: Machine['security'] }) {
  const firewalls = security.firewalls.map(({ name, isActive }) => `${name} ${text.protection.isOn(isActive)}`);
  return (
    <Card title={text.protection.title}>
      <Facts
        rows={[
          [text.protection.selinux, security.selinux ?? text.notKnown],
          [text.protection.apparmor, text.protection.isOn(security.isApparmorOn)],
          [text.protection.firewall, firewalls.join(', ') || text.notKnown],
        ]}
      />
    </Card>
  );
}

function SystemCard({ os }: { os: Machine['os'] }) {
  return (
    <Card title={text.system.title}>
      <Facts
        rows={[
          [text.system.host, os.hostname],
          [text.system.name, os.name ?? os.platform],
          [text.system.kernel, os.kernel],
        ]}
      />
    </Card>
  );
}
