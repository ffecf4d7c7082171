import { Button, Checkbox, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type KeyboardEvent, type ReactNode, useState } from 'react';
import { bytesText } from '../../shared/bytes-text.ts';
import { type Folder, rememberFolder, type StartFolders, useFolder } from '../state/use-folder.ts';
import { pathText as text } from '../text/path-field.ts';
import { ErrorPanel } from './error-panel.tsx';
import { IconHistory, IconHome, IconUsb } from './icons.ts';
import './path-field.css';

interface Props {
  label: string;
  value: string;
  onChange(path: string): void;
  /** What can be chosen in the dialog. */
  pick: 'file' | 'folder' | 'either';
  /** Limits the files offered to these endings, as in `['.gguf']`. */
  endings?: readonly string[];
  description?: ReactNode;
  error?: ReactNode;
  disabled?: boolean;
  placeholder?: string;
  /** Starts choosing at the medium that was inserted last, instead of in the home folder. */
  atMedia?: boolean;
  /** Takes a path that was chosen in the dialog. Default: `onChange`. */
  take?(path: string): void;
}

/** A field for a path on the machine where Sealift runs. Type it, or choose it in a dialog that works with the keyboard alone. */
export function PathField({ pick, endings, onChange, atMedia = false, take = onChange, ...field }: Props) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const seen = useFolder();
  const start = () => {
    open();
    void seen.start(atMedia, pick === 'folder' ? field.value || undefined : above(field.value));
  };
  const choose = (path: string, folder: string) => {
    rememberFolder(folder);
    take(path);
    close();
  };
  return (
    <>
      <Group gap={8} align="flex-end" className="sl-field">
        <TextInput
          {...field}
          className="sl-field"
          classNames={{ input: 'sl-mono' }}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
        <Button
          className="sl-whole"
          variant="default"
          onClick={start}
          disabled={field.disabled ?? false}
          aria-label={`${text.choose} ${field.label}`}
        >
          {text.choose}
        </Button>
      </Group>
      <PathDialog isOpen={isOpen} close={close} pick={pick} endings={endings ?? []} seen={seen} take={choose} />
    </>
  );
}

interface DialogProps {
  isOpen: boolean;
  close(): void;
  pick: Props['pick'];
  endings: readonly string[];
  seen: ReturnType<typeof useFolder>;
  take(path: string, folder: string): void;
}

function PathDialog({ isOpen, close, pick, endings, seen, take }: DialogProps) {
  const { folder, error, starts, open: look } = seen;
  const [withHidden, setWithHidden] = useState(false);
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      size="lg"
      title={text.titles[pick]}
      closeButtonProps={{ 'aria-label': text.close }}
    >
      <Stack gap={12}>
        {error && <ErrorPanel error={error} />}
        {!folder && !error && <Text>{text.loading}</Text>}
        {(folder || error) && (
          <Walk
            key={folder?.path ?? ''}
            folder={folder ?? { path: '', entries: [], isCut: false }}
            starts={starts}
            pick={pick}
            endings={endings}
            withHidden={withHidden}
            setWithHidden={setWithHidden}
            look={look}
            take={take}
          />
        )}
      </Stack>
    </Modal>
  );
}

/** One folder in the dialog: its contents, the way to its parent, and a button to use the folder itself. */
function Walk(props: {
  folder: Folder;
  starts: StartFolders | undefined;
  pick: Props['pick'];
  endings: readonly string[];
  withHidden: boolean;
  setWithHidden(withHidden: boolean): void;
  look(path?: string): Promise<void>;
  take(path: string, folder: string): void;
}) {
  const { folder, starts, pick, endings, withHidden, setWithHidden, look, take } = props;
  const [narrow, setNarrow] = useState('');
  const part = narrow.toLowerCase();
  const found = folder.entries.filter(
    ({ name, kind }) => name.toLowerCase().includes(part) && (kind === 'folder' || isOffered(name, pick, endings)),
  );
  const entries = withHidden || part.startsWith('.') ? found : found.filter(({ name }) => !name.startsWith('.'));
  const up = () => folder.parent !== undefined && void look(folder.parent);
  const keys = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key === 'ArrowDown') moveFocus(event, 1);
    if (event.key === 'ArrowUp') moveFocus(event, -1);
    if (event.key === 'Backspace' && event.target instanceof HTMLButtonElement) up();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys only move between the buttons inside
    <div onKeyDown={keys} className="sl-walk">
      <Starts starts={starts} current={folder.path} look={look} />
      <Text className="sl-mono">{folder.path}</Text>
      <Text size="xs" className="sl-quiet">
        {text.where}. {text.keys}
      </Text>
      <Group gap={8} align="flex-end">
        <TextInput
          label={text.narrow}
          value={narrow}
          onChange={(event) => setNarrow(event.currentTarget.value)}
          className="sl-field"
          data-autofocus
        />
        <Button variant="default" onClick={up} disabled={folder.parent === undefined}>
          {text.up}
        </Button>
      </Group>
      <Entries
        entries={entries}
        open={({ name, kind }) =>
          kind === 'folder' ? void look(below(folder.path, name)) : take(below(folder.path, name), folder.path)
        }
      />
      {entries.length === 0 && <Text>{text.empty}</Text>}
      {folder.entries.some(({ name }) => name.startsWith('.')) && (
        <Checkbox
          label={text.withHidden}
          checked={withHidden}
          onChange={(event) => setWithHidden(event.currentTarget.checked)}
        />
      )}
      {folder.isCut && <Text className="sl-look">▲ {text.more}</Text>}
      {pick !== 'file' && folder.path !== '' && (
        <Group justify="flex-end">
          <Button onClick={() => take(folder.path, folder.path)} maw="100%">
            {text.take(last(folder.path))}
          </Button>
        </Group>
      )}
    </div>
  );
}

const mostRecent = 5;

/** Leads to the home folder, to inserted media and to folders that were used before. */
function Starts(props: { starts: StartFolders | undefined; current: string; look(path?: string): Promise<void> }) {
  const { media = [], recent = [] } = props.starts ?? {};
  const start = (path: string, Icon: typeof IconUsb) => (
    <Button
      key={path}
      size="compact-sm"
      variant={path === props.current ? 'light' : 'default'}
      leftSection={<Icon size={14} />}
      title={path}
      onClick={() => void props.look(path)}
    >
      <bdi>{last(path)}</bdi>
    </Button>
  );
  return (
    <Group gap={8} role="group" aria-label={text.starts}>
      {media.map((path) => start(path, IconUsb))}
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconHome size={14} />}
        onClick={() => void props.look()}
      >
        {text.home}
      </Button>
      {recent.slice(0, mostRecent).map((path) => start(path, IconHistory))}
    </Group>
  );
}

function Entries({ entries, open }: { entries: Folder['entries']; open(entry: Folder['entries'][number]): void }) {
  return (
    <ul className="sl-entries" aria-label={text.list}>
      {entries.map((entry) => (
        <li key={entry.name}>
          <button type="button" className="sl-entry" onClick={() => open(entry)}>
            <span>{entry.kind === 'folder' ? `${entry.name}/` : entry.name}</span>
            <span className="sl-quiet">{entry.sizeBytes === undefined ? text.folder : bytesText(entry.sizeBytes)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function isOffered(name: string, pick: Props['pick'], endings: readonly string[]): boolean {
  return pick !== 'folder' && (endings.length === 0 || endings.some((one) => name.toLowerCase().endsWith(one)));
}

function moveFocus(event: KeyboardEvent<HTMLElement>, by: number): void {
  const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>('.sl-entry')];
  const at = buttons.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? (by > 0 ? 0 : -1) : at + by;
  buttons.at(Math.min(next, buttons.length - 1))?.focus();
  event.preventDefault();
}

function separatorOf(path: string): string {
  return /^[A-Za-z]:|\\/.test(path) ? '\\' : '/';
}

function below(folder: string, name: string): string {
  const separator = separatorOf(folder);
  return folder.endsWith(separator) ? folder + name : folder + separator + name;
}

function above(path: string): string | undefined {
  const cut = path.lastIndexOf(separatorOf(path));
  return cut < 0 ? undefined : path.slice(0, cut) || '/';
}

function last(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}
