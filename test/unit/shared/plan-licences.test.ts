import { describe, expect, it } from 'vitest';
import { unaccepted, unacceptedDetails } from '../../../src/shared/plan-licences.ts';

type Plan = Parameters<typeof unaccepted>[0];

const content = (kind: 'image' | 'model' | 'files', name: string, licence?: string) => ({
  ...{ kind, name, bytes: 1, totalBytes: 2, isEstimate: false, attached: [] },
  ...(licence !== undefined && { licence }),
});
const medium = (ordinal: number, ...contents: ReturnType<typeof content>[]) => {
  const path = `/m${ordinal}`;
  return { ordinal, label: `m-${ordinal}`, path, bytes: 1, files: 1, freeBytes: 9, filesystem: 'ext4', contents };
};
const model = content('model', 'large', 'Apache-2.0');
const image = content('image', 'vllm/vllm-openai:v1');
const notes = content('files', 'notes', 'CC-BY-4.0');
const about = { title: '', why: [], bytes: null, licence: null, source: '' };
const plan: Plan = {
  media: [medium(1, model, image), medium(2, model, notes)],
  needs: { contents: [{ kind: 'model', name: 'large', ...about }], byHand: [], notes: [] },
};

describe('what was accepted of a plan', () => {
  it.each<[string, string[], boolean, object[]]>([
    ['nothing', [], false, [model, image, notes]],
    ['one by its name', ['large'], false, [image, notes]],
    ['all by their names', ['large', 'notes', 'vllm/vllm-openai:v1'], false, []],
    ['names that only look alike', ['Large', 'vllm/vllm-openai', '', '*'], false, [model, image, notes]],
    ['what the description names, and so nothing of what was worked out', [], true, [model]],
    ['both', ['large'], true, []],
  ])('%s', (_what, names, described, left) => {
    expect(unaccepted(plan, { names, described })).toEqual(left);
  });

  it('is answered with the name of each content, once', () => {
    const left = unaccepted(plan, { names: ['large'], described: false });
    expect(unacceptedDetails(plan, left, { spec: 'B.yaml', to: ['/m1', '/m2'] })).toEqual({
      contents: ['image vllm/vllm-openai:v1: no licence stated', 'files notes: CC-BY-4.0'],
      names: ['large', 'vllm/vllm-openai:v1', 'notes'],
      spec: 'B.yaml',
      to: ['/m1', '/m2'],
    });
  });
});
