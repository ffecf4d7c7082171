import { Kbd, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { goTo, useRoute } from '../../state/route.ts';
import { type ShownError, toShownError } from '../../state/shown-error.ts';
import { appText } from '../../text/app.ts';
import { paletteText as text } from '../../text/palette.ts';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { useOpened } from '../../ui/use-opened.ts';
import { type Command, matching, useCommands } from './commands.ts';
import './palette.css';

/** Finds screens, sites and actions by their words, and does the chosen one. The focus goes to what it leads to, or back. */
export default function Palette(props: { isOpen: boolean; close(): void; showHelp(): void }) {
  const { isOpen, close, showHelp } = props;
  const opened = useOpened(isOpen);
  const before = useRef<Element>(null);
  useEffect(() => {
    if (isOpen) before.current = document.activeElement;
  }, [isOpen]);
  const leave = () => {
    close();
    if (before.current instanceof HTMLElement) before.current.focus({ preventScroll: true });
  };
  return (
    <Modal
      opened={opened}
      onClose={leave}
      returnFocus={false}
      size="lg"
      title={text.title}
      closeButtonProps={{ 'aria-label': appText.close }}
    >
      <Search showHelp={showHelp} close={close} leave={leave} />
    </Modal>
  );
}

function Search({ showHelp, close, leave }: { showHelp(): void; close(): void; leave(): void }) {
  const all = useCommands(showHelp);
  const here = useRoute((route) => route.place);
  const listId = useId();
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const [error, setError] = useState<ShownError>();
  const found = matching(all, query);
  const active = Math.min(at, found.length - 1);
  const act = async (command: Command | undefined) => {
    if (!command) return;
    if (!command.place) {
      // First, so that whatever opens now returns the focus to where it was before.
      leave();
      command.run?.();
      return;
    }
    try {
      await command.run?.();
    } catch (thrown) {
      setError(toShownError(thrown));
      return;
    }
    if (command.place === here) return leave();
    close();
    goTo(command.place);
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt((active + step + found.length) % found.length);
    else if (event.key === 'Enter') void act(found[active]);
    else return;
    event.preventDefault();
  };
  return (
    <Stack gap={8}>
      <TextInput
        data-autofocus
        aria-label={text.field}
        placeholder={text.field}
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={found.length > 0}
        aria-controls={listId}
        aria-activedescendant={found.length > 0 ? `${listId}-${active}` : undefined}
        value={query}
        maxLength={200}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={press}
      />
      {error && <ErrorPanel error={error} />}
      <Text role="status" size="xs" className="sl-quiet">
        {found.length > 0 ? text.found(found.length) : text.none}
      </Text>
      <Options id={listId} commands={found} active={active} act={(command) => void act(command)} />
    </Stack>
  );
}

function Options(props: { id: string; commands: readonly Command[]; active: number; act(command: Command): void }) {
  const { id, commands, active, act } = props;
  useEffect(() => {
    // Newer browsers return a promise, which React would take for the end of the effect.
    document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: 'nearest' });
  }, [id, active]);
  return (
    <div id={id} role="listbox" aria-label={text.list} className="sl-options" hidden={commands.length === 0}>
      {commands.map((command, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the focus and its keys
        // biome-ignore lint/a11y/useFocusableInteractive: the field names the active option to screen readers
        <div
          key={command.label}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === active}
          className="sl-option"
          onClick={() => act(command)}
        >
          <span className="sl-option-label" title={command.label}>
            {command.label}
          </span>
          <span className="sl-quiet">{text.kind[command.kind]}</span>
          <span className="sl-option-keys" aria-hidden>
            {command.keys?.split(' ').map((key) => (
              <Kbd key={key}>{key}</Kbd>
            ))}
          </span>
        </div>
      ))}
    </div>
  );
}
