/** Words of the field for a path and of its dialogue. */
export const pathText = {
  choose: 'Choose …',
  titles: { folder: 'Choose a folder', file: 'Choose a file', either: 'Choose a file or folder' },
  where: 'On the machine that Sealift runs on',
  up: 'Folder above',
  home: 'Home folder',
  narrow: 'Names that contain',
  take: (path: string) => `Take ${path}`,
  list: 'Content of the folder',
  loading: 'Looking into the folder',
  empty: 'Nothing to choose here.',
  more: 'There is more than is listed: type the path, or a part of the name above.',
  folder: 'folder',
  keys: 'Arrow keys move, Enter opens, Backspace goes to the folder above.',
  close: 'Close',
};
