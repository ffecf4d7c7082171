import { expect, it } from 'vitest';
import { keyVariables, type PartOf } from '../../../src/main/core/serving/parts/parts.ts';

const fronted = (upstream: PartOf<'front'>['upstream']) => ({ servedName: 'tiny', contextTokens: 4096, upstream });
const front = (...[first, ...further]: PartOf<'front'>['upstream'][]): PartOf<'front'> => ({
  ...{ kind: 'front', name: 'front', host: '127.0.0.1', port: 0, apiKeyFile: '/key' },
  ...fronted(first ?? { part: 'model' }),
  further: further.map(fronted),
});
const at = (key?: { file: string } | { variable: string }) => ({ url: 'http://10.0.0.7/v1', ...(key && { key }) });

it('finds the variables that hold keys of model servers, each once', () => {
  const [one, two] = [{ variable: 'SEALIFT_ONE' }, { variable: 'SEALIFT_TWO' }];
  expect(keyVariables([front(at(one), at(two), at(one), at({ file: '/key' }), at())])).toEqual([
    'SEALIFT_ONE',
    'SEALIFT_TWO',
  ]);
  expect(keyVariables([front({ part: 'model' })])).toEqual([]);
});
