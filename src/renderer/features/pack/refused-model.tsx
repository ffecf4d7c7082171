import { Autocomplete, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ShownError } from '../../state/shown-error.ts';
import { packText as text } from '../../text/pack.ts';
import { isAboutServed } from './form-refusal.ts';
import type { Entry } from './pack-draft.ts';
import { changeEntry } from './pack-store.ts';

interface Props {
  entry: Entry;
  problem(field: string): string | undefined;
  /** Why the last plan was refused. */
  refusal: ShownError | undefined;
}

/** What is asked only after a plan refused this model: which of its GGUF files is served, or why to pack it anyway. */
export function RefusedModel({ entry, problem, refusal }: Props) {
  const { id, serve, packAnyway } = entry;
  const [asked, setAsked] = useState({ of: refusal, ...asks(entry, undefined) });
  // A field stays while someone clears it, so what was asked is remembered until the next refusal.
  const own = refusal?.details.content === entry.name ? refusal : undefined;
  if (own && own !== asked.of) setAsked({ of: own, ...asks(entry, own) });
  return (
    <>
      {asked.serve && (
        <Autocomplete
          label={text.serve}
          description={text.serveHow}
          data={asked.ggufs}
          value={serve}
          maxLength={255}
          error={problem('serve') ?? (own && isAboutServed(own) && !asked.ggufs.includes(serve) && text.serveWanted)}
          className="sl-field"
          comboboxProps={{ withinPortal: false }}
          onChange={(value) => changeEntry(id, { serve: value })}
        />
      )}
      {asked.reason && (
        <TextInput
          label={text.anyway}
          description={text.anywayHow}
          value={packAnyway}
          maxLength={500}
          error={problem('packAnyway')}
          className="sl-field"
          onChange={(event) => changeEntry(id, { packAnyway: event.currentTarget.value })}
        />
      )}
    </>
  );
}

function asks(entry: Entry, refusal: ShownError | undefined): { serve: boolean; ggufs: string[]; reason: boolean } {
  const isServed = refusal !== undefined && isAboutServed(refusal);
  const { candidates } = refusal?.details ?? {};
  return {
    serve: isServed || entry.serve !== '',
    ggufs: isServed && Array.isArray(candidates) ? candidates.map(String) : [],
    reason: (refusal !== undefined && !isServed) || entry.packAnyway !== '',
  };
}
