import { Text } from '@mantine/core';
import { type CSSProperties, useEffect, useState } from 'react';
import type { ChainFlow } from '../../../shared/contract/gitlab.ts';
import { core } from '../../state/core.ts';
import { type ShownError, toShownError } from '../../state/shown-error.ts';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import './flow-drawings.css';

/** Draws who asks whom, with the addresses of a site as they are when it appears. */
export default function FlowDrawings({ siteFile }: { siteFile: string }) {
  const [known, setKnown] = useState<{ flows?: ChainFlow[]; error?: ShownError }>({});
  useEffect(() => {
    let isLast = true;
    core()
      .gitlab.flows({ siteFile })
      .then(
        ({ flows }) => isLast && setKnown({ flows }),
        (error: unknown) => isLast && setKnown({ error: toShownError(error) }),
      );
    return () => {
      isLast = false;
    };
  }, [siteFile]);
  if (known.error) return <ErrorPanel error={known.error} />;
  return known.flows?.map((flow) => <Drawing key={flow.id} flow={flow} />);
}

function Drawing({ flow: { title, leavesNetwork, parts, messages } }: { flow: ChainFlow }) {
  const places = new Map(parts.map(({ id }, at) => [id, at]));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable with the keyboard
    <section className="sl-wide sl-flow" aria-label={title} tabIndex={0}>
      <Text fw={600}>
        <span className={leavesNetwork ? 'sl-bad' : 'sl-good'} aria-hidden>
          {leavesNetwork ? '■' : '●'}
        </span>{' '}
        {title}
      </Text>
      <div className="sl-flow-drawing" style={{ '--sl-columns': parts.length } as CSSProperties}>
        <ul>
          {parts.map((part) => (
            <li key={part.id}>
              <strong>{part.title}</strong>
              <span className="sl-mono sl-quiet">{part.address}</span>
            </li>
          ))}
        </ul>
        <ol>
          {messages.map(({ from, to, text }, row) => {
            const [start = 0, end = 0] = [from, to].map((id) => places.get(id));
            const [left, right] = [Math.min(start, end), Math.max(start, end)];
            const style = { gridArea: `${row + 1} / ${left + 1} / auto / ${right + 2}`, '--sl-span': right - left + 1 };
            return (
              <li key={`${from} ${to} ${text}`} style={style as CSSProperties} data-way={Math.sign(end - start)}>
                <span className="sl-hidden">
                  {parts[start]?.title} → {parts[end]?.title}:{' '}
                </span>
                <span>{text}</span>
              </li>
            );
          })}
        </ol>
      </div>
    </section>
  );
}
