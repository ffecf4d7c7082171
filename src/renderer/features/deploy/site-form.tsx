import { Button, Group, Stack } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { WizardState } from '../../../shared/contract/wizard.ts';
import { core } from '../../state/core.ts';
import { type ShownError, toShownError } from '../../state/shown-error.ts';
import { deployText as text } from '../../text/deploy.ts';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Problems } from './problems.tsx';
import { contentOf, draftOf, formField, type SiteDraft } from './site-draft.ts';
import { MainFields, MoreFields } from './site-fields.tsx';
import { type FieldProblem, siteInputs } from './site-inputs.ts';

/** The form for a site. The core checks it and reports problems by field. */
export function SiteForm({ state, close }: { state: WizardState; close(): void }) {
  const [draft, setDraft] = useState(() => draftOf(state));
  const { problems, error, save } = useSaving(draft, state, close);
  const form = useWrongFieldInView(problems);
  const set = (change: Partial<SiteDraft>) => setDraft({ ...draft, ...change });
  const fields = siteInputs(draft, set, problems, state);
  const unplaced = problems.filter((one) => !(one.field in formField));
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Stack gap={16}>
        <MainFields fields={fields} />
        <details>
          <summary>
            <b>{text.more}</b> <span className="sl-quiet">{text.moreHow}</span>
          </summary>
          <MoreFields fields={fields} />
        </details>
        {unplaced.length > 0 && <Problems problems={unplaced} />}
        {error && <ErrorPanel error={error} />}
        <Group gap={8}>
          <Button type="submit">{text.save}</Button>
          {state.site?.content && (
            <Button variant="default" onClick={close}>
              {text.cancel}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

/** Asks the core to check and save the draft, and closes the form on success. */
function useSaving(draft: SiteDraft, state: WizardState, close: () => void) {
  const [problems, setProblems] = useState<FieldProblem[]>([]);
  const [error, setError] = useState<ShownError>();
  const save = async () => {
    setError(undefined);
    try {
      const saved = await core().wizard.saveSite({ content: contentOf(draft, state.site?.content) });
      setProblems(saved.problems);
      if (saved.path) close();
    } catch (thrown) {
      setError(toShownError(thrown));
    }
  };
  return { problems, error, save };
}

function useWrongFieldInView(problems: readonly FieldProblem[]) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const wrong = problems.length > 0 && form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    if (!wrong) return;
    // A field in the folded part cannot take the focus.
    for (const folded of form.current?.querySelectorAll('details:has([aria-invalid="true"])') ?? [])
      folded.setAttribute('open', '');
    wrong.focus({ preventScroll: true });
    wrong.scrollIntoView({ block: 'center' });
  }, [problems]);
  return form;
}
