import { expect, it } from 'vitest';
import { openedFile } from '../../../src/main/core/wizard/opened-file.ts';

it.each([
  ['/media/STICK/sealift/bundle.json', { place: 'import', answers: { set: {}, addMediaDirs: ['/media/STICK'] } }],
  ['/home/op/bundle.json', { place: 'import', answers: { set: {}, addMediaDirs: ['/home/op'] } }],
  ['/home/op/site.yaml', { place: 'deploy', answers: { set: { siteFile: '/home/op/site.yaml' } } }],
  ['/home/op/other.json', undefined],
  ['/home/op/bundle.json.txt', undefined],
])('%s', (path, opened) => {
  expect(openedFile(path)).toEqual(opened);
});
