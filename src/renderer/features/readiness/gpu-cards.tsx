import { Text } from '@mantine/core';
import { bytesText } from '../../../shared/bytes-text.ts';
import { isCountable, knownTotal } from '../../../shared/countable-gpu.ts';
import { gpuName } from '../../../shared/gpu-name.ts';
import type { Gpu, Machine } from '../../../shared/machine.ts';
import { readinessText } from '../../text/readiness.ts';
import { Facts } from '../../ui/facts.tsx';
import { MemoryBars } from '../../ui/memory-bar.tsx';
import { Card } from './card.tsx';

const text = readinessText.gpu;

/** A card for each GPU with its used and free memory, or why Sealift does not use it. */
export function GpuCards({ gpus }: { gpus: readonly Gpu[] }) {
  if (gpus.length === 0)
    return (
      <Card title={text.none}>
        <Text>{text.noneText}</Text>
      </Card>
    );
  return gpus.map((gpu, index) => {
    const title = text.title(index, gpuName(gpu));
    const rows: [string, string][] = [];
    if (gpu.driverVersion !== null) rows.push([text.driver, gpu.driverVersion]);
    if (gpu.cudaVersion !== null) rows.push([text.cuda, gpu.cudaVersion]);
    if (gpu.computeCapability !== null) rows.push([text.capability, gpu.computeCapability]);
    if (gpu.eccErrors !== null) rows.push([text.ecc, `${gpu.eccErrors}`]);
    for (const one of gpu.processes ?? []) rows.push([text.process, text.usedBy(one.name, one.pid)]);
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: GPUs have no other identity, and their order is the driver's
      <Card key={index} title={title}>
        <GpuMemory gpu={gpu} title={title} />
        {rows.length > 0 && <Facts rows={rows} />}
      </Card>
    );
  });
}

/** Shows how GPUs are linked: for each kind of link, the driver's term, ours, and the pairs. */
export function LinksCard({ links }: { links: Machine['gpuLinks'] }) {
  const kinds = [...new Set(links.map((one) => one.link))];
  const pairs = (kind: string) =>
    links.flatMap(({ from, to, link }) => (link === kind ? [`${from}–${to}`] : [])).join(', ');
  return (
    <Card title={readinessText.links.title}>
      <Facts rows={kinds.map((kind) => [kind, [linkText(kind), pairs(kind)].filter(Boolean).join(': ')])} />
    </Card>
  );
}

function linkText(link: string): string | undefined {
  const nvlinks = /^NV(\d+)$/.exec(link)?.[1];
  return nvlinks ? readinessText.links.nvlinks(nvlinks) : readinessText.links.kinds[link];
}

function GpuMemory({ gpu, title }: { gpu: Gpu; title: string }) {
  if (isCountable(gpu))
    return (
      <MemoryBars
        devices={[
          {
            title: bytesText(gpu.vramTotalBytes),
            totalBytes: gpu.vramTotalBytes,
            parts: [
              { use: 'others', name: text.others, bytes: Math.max(0, gpu.vramTotalBytes - gpu.vramFreeBytes) },
              { use: 'free', name: text.free, bytes: gpu.vramFreeBytes },
            ],
          },
        ]}
      />
    );
  if (gpu.vramSource === 'unified' || gpu.isIntegrated === true)
    return <Text className="sl-look">▲ {text.unified}</Text>;
  if (gpu.isMigEnabled === true) return <Text className="sl-look">▲ {text.mig}</Text>;
  const total = knownTotal(gpu);
  if (total !== null) return <Text className="sl-look">▲ {text.freeNotKnown(bytesText(total))}</Text>;
  return (
    <Text className="sl-look" aria-label={`${title}: ${text.notTrusted}`}>
      ▲ {text.notTrusted}
    </Text>
  );
}
