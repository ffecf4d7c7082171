import { bytesText } from '../../shared/bytes-text.ts';
import './memory-bar.css';

/** What memory is used for, in the order of the bar. */
export type MemoryUse = 'weights' | 'kv' | 'compute' | 'overhead' | 'free' | 'others' | 'used';

/** One part of a bar. */
export interface MemoryPart {
  use: MemoryUse;
  name: string;
  bytes: number;
}

/**
 * Shows how the memory of one device is used, as a stacked bar and as text. `limitBytes` marks how much may be used. If the parts
 * exceed `totalBytes`, the bar is scaled to their sum, so that they stay in proportion.
 */
export function MemoryBar(props: {
  title: string;
  parts: readonly MemoryPart[];
  totalBytes: number;
  limitBytes?: number;
  limitName?: string;
}) {
  const { title, totalBytes, limitBytes, limitName } = props;
  const parts = props.parts.filter((part) => part.bytes > 0);
  const sum = parts.reduce((all, part) => all + part.bytes, 0);
  const scale = Math.max(totalBytes, sum);
  const text = parts.map((part) => `${part.name} ${bytesText(part.bytes)}`).join(', ');
  return (
    <figure className="sl-memory">
      <figcaption>{title}</figcaption>
      <div className="sl-memory-bar" role="img" aria-label={`${title}: ${text}`}>
        {parts.map((part) => (
          <span
            key={part.name}
            className="sl-segment"
            data-use={part.use}
            style={{ width: `${(100 * part.bytes) / scale}%` }}
          />
        ))}
        {limitBytes !== undefined && limitBytes < scale && (
          <span className="sl-limit" style={{ left: `${(100 * limitBytes) / scale}%` }} />
        )}
      </div>
      <ul className="sl-memory-legend">
        {parts.map((part) => (
          <LegendRow key={part.name} {...part} />
        ))}
        {limitBytes !== undefined && limitName && <LegendRow use="limit" name={limitName} bytes={limitBytes} />}
      </ul>
    </figure>
  );
}

function LegendRow({ use, name, bytes }: { use: MemoryUse | 'limit'; name: string; bytes: number }) {
  return (
    <li>
      <span className="sl-swatch" data-use={use} aria-hidden />
      <span>{name}</span>
      <span className="sl-number">{bytesText(bytes)}</span>
    </li>
  );
}
