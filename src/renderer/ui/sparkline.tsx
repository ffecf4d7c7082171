import './sparkline.css';

/**
 * Draws a row of values as a line above a shaded area, from zero to the highest. For values whose course matters more than each of
 * them: the newest is said in words beside it.
 */
export function Sparkline({ values, label }: { values: readonly number[]; label: string }) {
  const top = Math.max(...values, Number.MIN_VALUE);
  const step = 100 / (values.length - 1);
  const line = values.map((value, at) => `${(at * step).toFixed(2)},${(38 - (36 * value) / top).toFixed(2)}`).join(' ');
  return (
    <svg className="sl-spark" viewBox="0 0 100 40" preserveAspectRatio="none" role="img" aria-label={label}>
      <polygon points={`0,40 ${line} 100,40`} />
      <polyline points={line} />
    </svg>
  );
}
