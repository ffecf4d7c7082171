import { Text, Title } from '@mantine/core';
import { type ComponentType, Fragment, type ReactNode } from 'react';
import { bytesText } from '../../../shared/bytes-text.ts';
import type { MemoryFigures } from '../../../shared/contract/model-serving.ts';
import { homeText as text } from '../../text/home.ts';
import { IconActivity, IconCpu } from '../../ui/icons.ts';
import { MemoryBars, type MemoryPart } from '../../ui/memory-bar.tsx';
import { Sparkline } from '../../ui/sparkline.tsx';
import type { Sites } from './home-store.ts';
import { useSpeeds } from './speeds.ts';

type Part = Sites['parts'][number];

/** A card of the board, with a sign before its title. */
export function FigureCard(props: { title: string; Icon: ComponentType<{ size: number }>; children: ReactNode }) {
  const { title, Icon, children } = props;
  return (
    <section className="sl-panel sl-figure-card">
      <Title order={3} className="sl-card-title">
        <Icon size={16} /> {title}
      </Title>
      {children}
    </section>
  );
}

/** Shows how fast the model wrote its last answers, and what it is doing now. */
export function SpeedCard({ site, parts }: { site: Sites['sites'][number]; parts: readonly Part[] }) {
  const speeds = useSpeeds((state) => state[site.name]) ?? [];
  const last = speeds.at(-1);
  const isEmbedded = parts.some((part) => part.kind === 'llamacpp');
  return (
    <FigureCard title={text.speed} Icon={IconActivity}>
      <Text>
        {last === undefined ? (
          <span className="sl-quiet">{isEmbedded ? text.noSpeed : text.speedNotReported}</span>
        ) : (
          <>
            <strong className="sl-big">
              {last.toLocaleString('en', { maximumFractionDigits: last < 10 ? 1 : 0 })}
            </strong>{' '}
            <span className="sl-quiet">{text.lastAnswer}</span>
          </>
        )}
      </Text>
      {speeds.length > 1 && <Sparkline values={speeds} label={text.speedsLabel(speeds.length)} />}
      <Text size="xs" className="sl-quiet">
        {site.service === 'running' ? loadOf(parts) : text.notRunning}
      </Text>
    </FigureCard>
  );
}

/* Only what a part reports: a count that nobody keeps is not 0. */
function loadOf(parts: readonly Part[]): string {
  const say = (name: string, words: (n: number) => string) => {
    const counted = parts.map((part) => part.measured[name]).filter((value) => typeof value === 'number');
    return counted.length === 0 ? [] : [words(counted.reduce((sum, one) => sum + one, 0))];
  };
  return [...say('inFlight', text.busy), ...say('waiting', text.waitingNow), ...say('requests', text.requests)].join(
    ' · ',
  );
}

/** Shows the memory that each model server measured, with the estimate beside it. */
export function MemoryCard({ isRunning, parts }: { isRunning: boolean; parts: readonly Part[] }) {
  const served = parts.flatMap(({ name, serving }) => (serving ? [{ name, serving }] : []));
  return (
    <FigureCard title={text.memory} Icon={IconCpu}>
      {served.length === 0 && <Text className="sl-quiet">{text.noMemory}</Text>}
      {served.map(({ name, serving }) => (
        <Fragment key={name}>
          {served.length > 1 && <Text size="xs">{name}</Text>}
          <ServingMemory serving={serving} isRunning={isRunning} />
        </Fragment>
      ))}
    </FigureCard>
  );
}

function ServingMemory({ serving, isRunning }: { serving: NonNullable<Part['serving']>; isRunning: boolean }) {
  const shown = serving.measured ?? serving.estimate;
  const totalBytes = shown && sumOf(shown);
  if (!shown || !totalBytes) return <Text className="sl-quiet">{text.noMemory}</Text>;
  return (
    <>
      <Text>
        <strong className="sl-big">{bytesText(totalBytes)}</strong>{' '}
        <span className="sl-quiet">{aboutMemory(serving, totalBytes, isRunning)}</span>
      </Text>
      <MemoryBars devices={[{ title: text.memoryUse, parts: partsOf(shown), totalBytes: totalBytes }]} />
    </>
  );
}

function aboutMemory(serving: NonNullable<Part['serving']>, shownBytes: number, isRunning: boolean): string {
  if (!serving.measured) return text.estimated;
  if (!isRunning) return text.lastReported;
  const estimated = serving.estimate && sumOf(serving.estimate);
  return estimated ? text.measuredOf(bytesText(estimated), shownBytes > estimated) : text.measured;
}

function partsOf(figures: MemoryFigures): MemoryPart[] {
  const { weightsBytes = 0, kvCacheBytes = 0, computeBytes = 0, overheadBytes = 0, totalBytes = 0 } = figures;
  const otherBytes = Math.max(0, totalBytes - weightsBytes - kvCacheBytes - computeBytes - overheadBytes);
  return [
    { use: 'weights', name: text.uses.weights, bytes: weightsBytes },
    { use: 'kv', name: text.uses.kv, bytes: kvCacheBytes },
    { use: 'compute', name: text.uses.compute, bytes: computeBytes },
    { use: 'overhead', name: text.uses.overhead, bytes: overheadBytes },
    { use: 'used', name: text.uses.other, bytes: otherBytes },
  ];
}

function sumOf(figures: MemoryFigures): number {
  return figures.totalBytes ?? partsOf(figures).reduce((sum, part) => sum + part.bytes, 0);
}
