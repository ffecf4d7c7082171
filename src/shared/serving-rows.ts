import { bytesText } from './bytes-text.ts';
import type { MemoryFigures, ModelServing } from './contract/model-serving.ts';

/** One figure of a model server's memory: what was estimated and what the engine said, `not known` where nobody told. */
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
  ['totalBytes', 'in all'],
  ['kvCapacityTokens', 'tokens held'],
  ['maxConcurrency', 'whole contexts at a time'],
];

/** The figures that the estimate or the engine names, in one order. */
export function servingRows({ estimate, measured }: ModelServing): ServingRow[] {
  const say = (key: keyof MemoryFigures, from: MemoryFigures | null) => {
    const value = from?.[key];
    if (value === undefined) return 'not known';
    return key.endsWith('Bytes') ? bytesText(value) : value.toLocaleString('en');
  };
  return parts
    .filter(([key]) => estimate?.[key] !== undefined || measured?.[key] !== undefined)
    .map(([key, name]) => ({ name, estimate: say(key, estimate), measured: say(key, measured) }));
}
