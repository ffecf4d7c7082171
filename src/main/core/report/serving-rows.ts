import { bytesText } from '../../../shared/bytes-text.ts';
import type { MemoryFigures, ModelServing } from '../../../shared/contract/model-serving.ts';

/** One figure of a model server's memory: the estimate and what the engine reported, or `unknown`. */
export interface ServingRow {
  name: string;
  estimate: string;
  measured: string;
}

const parts: [keyof MemoryFigures, string][] = [
  ['weightsBytes', 'weights'],
  ['kvCacheBytes', 'KV cache'],
  ['computeBytes', 'compute'],
  ['overheadBytes', 'overhead'],
  ['totalBytes', 'total'],
  ['kvCapacityTokens', 'KV cache tokens'],
  ['maxConcurrency', 'concurrent full contexts'],
];

/** Returns the figures in the estimate or from the engine, in a fixed order. */
export function servingRows({ estimate, measured }: ModelServing): ServingRow[] {
  const say = (key: keyof MemoryFigures, from: MemoryFigures | null) => {
    const value = from?.[key];
    if (value === undefined) return 'unknown';
    return key.endsWith('Bytes') ? bytesText(value) : value.toLocaleString('en');
  };
  return parts
    .filter(([key]) => estimate?.[key] !== undefined || measured?.[key] !== undefined)
    .map(([key, name]) => ({ name, estimate: say(key, estimate), measured: say(key, measured) }));
}
