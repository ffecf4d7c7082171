import { inLanguage } from './language.ts';

/** Words of the path field and its dialog. */
export const pathText = inLanguage('pathField', {
  choose: 'Choose…',
  titles: { folder: 'Folders', file: 'Files', either: 'Files and folders' },
  where: 'On the machine where Sealift runs',
  up: 'Go up',
  starts: 'Where to start',
  home: 'Home folder',
  narrow: 'Filter by name',
  take: (path: string) => `Use ${path}`,
  list: 'Folder contents',
  loading: 'Reading the folder…',
  empty: 'Nothing to choose here.',
  withHidden: 'Show hidden files and folders',
  more: 'Not all entries are listed. Enter the path, or filter by name.',
  folder: 'folder',
  keys: 'Arrow keys move, Enter opens, Backspace goes to the parent folder.',
  close: 'Close',
});
