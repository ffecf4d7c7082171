import {
  Autocomplete,
  Button,
  Checkbox,
  Fieldset,
  Group,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  TextInput,
} from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { WizardState } from '../../../shared/contract/wizard.ts';
import { duoFeature, modelFamily } from '../../../shared/site-file.ts';
import { core } from '../../state/core.ts';
import { type ShownError, toShownError } from '../../state/shown-error.ts';
import { deployText as text } from '../../text/deploy.ts';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Problems } from './problems.tsx';
import { contentOf, draftOf, formField, type SiteDraft } from './site-draft.ts';

type FieldProblem = { field: string; problem: string };
const chosen = (values: Record<string, string>) => Object.entries(values).map(([value, label]) => ({ value, label }));

/** The site's answers; the core checks them and names each field that is not right. */
export function SiteForm({ state, close }: { state: WizardState; close(): void }) {
  const [draft, setDraft] = useState(() => draftOf(state));
  const [problems, setProblems] = useState<FieldProblem[]>([]);
  const [error, setError] = useState<ShownError>();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const wrong = problems.length > 0 && form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    if (!wrong) return;
    wrong.focus({ preventScroll: true });
    wrong.scrollIntoView({ block: 'center' });
  }, [problems]);
  const set = (change: Partial<SiteDraft>) => setDraft({ ...draft, ...change });
  const bind = <K extends keyof SiteDraft>(field: K) => ({
    label: text.fields[field as keyof typeof text.fields],
    value: draft[field],
    error: problems.find((one) => formField[one.field] === field)?.problem,
  });
  const typed = (field: keyof SiteDraft) => ({
    ...bind(field),
    value: String(draft[field]),
    maxLength: 4096,
    onChange: (event: { currentTarget: { value: string } }) => set({ [field]: event.currentTarget.value }),
  });
  const number = (field: 'httpPort' | 'grpcPort' | 'frontPort' | 'contextTokens' | 'threads') => ({
    ...bind(field),
    allowDecimal: false,
    hideControls: true,
    onChange: (value: number | string) => set({ [field]: value }),
  });
  const offered = (field: 'gatewayImage' | 'modelImage' | 'litellmImage') => ({
    ...bind(field),
    maxLength: 400,
    data: state.store.images.map((one) => one.reference),
    description: state.store.images.length === 0 ? text.noImage : undefined,
    onChange: (value: string) => set({ [field]: value }),
  });
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
  const unplaced = problems.filter((one) => !(one.field in formField));
  const kinds = chosen(text.gatewayKinds).filter(
    (one) => one.value !== 'simulated' || draft.gatewayKind === 'simulated',
  );
  const areFeaturesWrong = problems.some((one) => one.field === 'features') || undefined;
  const usesImage = draft.engine === 'vllm' || draft.engine === 'ollama' || draft.engine === 'litellm-ollama';
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
        <TextInput {...typed('name')} />
        <Fieldset legend={text.groups.gitlab}>
          <SimpleGrid cols={2}>
            <TextInput {...typed('gitlabUrl')} placeholder="https://gitlab.example" />
            <TextInput {...typed('gitlabVersion')} placeholder="18.9" />
          </SimpleGrid>
          <Checkbox.Group mt={12} {...bind('features')} onChange={(features) => set({ features })}>
            <Group mt={4}>
              {duoFeature.options.map((one) => (
                <Checkbox key={one} value={one} label={text.features[one]} aria-invalid={areFeaturesWrong} />
              ))}
            </Group>
          </Checkbox.Group>
        </Fieldset>
        <Fieldset legend={text.groups.gateway}>
          <SimpleGrid cols={2}>
            <Select
              {...bind('gatewayKind')}
              data={kinds}
              allowDeselect={false}
              onChange={(kind) => set({ gatewayKind: (kind ?? 'container') as SiteDraft['gatewayKind'] })}
            />
            {draft.gatewayKind === 'container' && <Autocomplete {...offered('gatewayImage')} />}
            <TextInput {...typed('gatewayHost')} />
            <Group grow>
              <NumberInput {...number('httpPort')} />
              <NumberInput {...number('grpcPort')} />
            </Group>
          </SimpleGrid>
        </Fieldset>
        <Fieldset legend={text.groups.model}>
          <SimpleGrid cols={2}>
            <Select
              {...bind('engine')}
              data={chosen(text.engines)}
              allowDeselect={false}
              onChange={(engine) => set({ engine: (engine ?? 'llamacpp') as SiteDraft['engine'] })}
            />
            {draft.engine === 'external' ? (
              <TextInput {...typed('endpoint')} placeholder="http://10.0.0.7:8000/v1" />
            ) : (
              <Autocomplete
                {...bind('modelName')}
                maxLength={63}
                data={state.store.models.map((one) => one.name)}
                onChange={(modelName) =>
                  set({ modelName, ...(draft.servedName === draft.modelName && { servedName: modelName }) })
                }
              />
            )}
            {usesImage && <Autocomplete {...offered('modelImage')} />}
            {draft.engine === 'litellm-ollama' && <Autocomplete {...offered('litellmImage')} />}
            <TextInput {...typed('servedName')} />
            <Select
              {...bind('family')}
              data={modelFamily.options}
              allowDeselect={false}
              onChange={(family) => set({ family: family ?? 'GENERAL' })}
            />
            <NumberInput {...number('contextTokens')} />
            {draft.engine === 'llamacpp' && <NumberInput {...number('threads')} />}
          </SimpleGrid>
        </Fieldset>
        <Fieldset legend={text.groups.front}>
          <SimpleGrid cols={2}>
            <TextInput {...typed('frontHost')} />
            <NumberInput {...number('frontPort')} />
          </SimpleGrid>
        </Fieldset>
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
