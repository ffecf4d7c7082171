import { bytesText } from '../../shared/bytes-text.ts';
import { appText } from '../text/app.ts';
import './memory-bar.css';

/** What memory is used for, in the order of the bar. */
export type MemoryUse = 'weights' | 'kv' | 'compute' | 'overhead' | 'free' | 'others' | 'used';

/** One part of a bar. */
export interface MemoryPart {
  use: MemoryUse;
  name: string;
  bytes: number;
}

/** The memory of one device. */
export interface DeviceMemory {
  title: string;
  parts: readonly MemoryPart[];
  totalBytes: number;
  /** How much may be used. */
  limitBytes?: number;
}

/**
 * Shows how the memory of devices is used, as a stacked bar for each, with one legend. If the parts of a device exceed its `totalBytes`,
 * its bar is scaled to their sum, so that they stay in proportion.
 */
export function MemoryBars({ devices, limitName }: { devices: readonly DeviceMemory[]; limitName?: string }) {
  return (
    <div className="sl-memory">
      {devices.map((device) => (
        <DeviceBar key={device.title} {...device} />
      ))}
      <ul className="sl-memory-legend">
        {usesOf(devices).map(({ use, name }) => (
          <LegendRow key={name} use={use} name={name} amounts={devices.map((device) => bytesOf(device, name))} />
        ))}
        {limitName && (
          <LegendRow use="limit" name={limitName} amounts={devices.flatMap(({ limitBytes }) => limitBytes ?? [])} />
        )}
      </ul>
    </div>
  );
}

function DeviceBar({ title, totalBytes, limitBytes, ...rest }: DeviceMemory) {
  const parts = rest.parts.filter(isUsed);
  const scale = Math.max(
    totalBytes,
    parts.reduce((all, part) => all + part.bytes, 0),
  );
  const text = parts.map((part) => `${part.name} ${bytesText(part.bytes)}`).join(', ');
  return (
    <figure>
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
    </figure>
  );
}

function isUsed({ bytes }: MemoryPart): boolean {
  return bytes > 0;
}

/** Returns each use of any device once, in the order of the bars. */
function usesOf(devices: readonly DeviceMemory[]): MemoryPart[] {
  const order = devices[0]?.parts ?? [];
  return order.filter(({ name }) => devices.some((device) => bytesOf(device, name) > 0));
}

function bytesOf({ parts }: DeviceMemory, name: string): number {
  return parts.find((part) => part.name === name)?.bytes ?? 0;
}

/** Devices that need different amounts are shown with the least and the most; each bar has its own for screen readers. */
function LegendRow(props: { use: MemoryUse | 'limit'; name: string; amounts: readonly number[] }) {
  const { use, name, amounts } = props;
  if (amounts.length === 0) return null;
  const [least, most] = [Math.min(...amounts), Math.max(...amounts)].map(bytesText);
  const amount = least === most ? least : appText.range(least ?? '', most ?? '');
  return (
    <li>
      <span className="sl-swatch" data-use={use} aria-hidden />
      <span>{name}</span>
      <span className="sl-number">{amounts.length > 1 && least === most ? appText.each(amount ?? '') : amount}</span>
    </li>
  );
}
