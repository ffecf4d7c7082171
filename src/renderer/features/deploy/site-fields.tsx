import {
  Autocomplete,
  Checkbox,
  Fieldset,
  Group,
  NumberInput,
  Select,
  SimpleGrid,
  Text,
  TextInput,
} from '@mantine/core';
import { catalogueFeature, featureLabels } from '../../../shared/feature-labels.ts';
import { duoFeature, modelFamily } from '../../../shared/site-file.ts';
import { deployText as text } from '../../text/deploy.ts';
import { ggufChoice, isOtherThanChosen, modelProblem, type SiteDraft, usesImage } from './site-draft.ts';
import type { SiteInputs } from './site-inputs.ts';

const chosen = (values: Record<string, string>) => Object.entries(values).map(([value, label]) => ({ value, label }));

/** Fields for GitLab and the Duo features to use there. */
export function GitlabFields({ fields: { bind, typed, set } }: { fields: SiteInputs }) {
  const features = bind('features');
  return (
    <Fieldset legend={text.groups.gitlab}>
      <SimpleGrid cols={2}>
        <TextInput {...typed('gitlabUrl')} placeholder="https://gitlab.example" />
        <TextInput {...typed('gitlabVersion')} placeholder="18.9" />
      </SimpleGrid>
      <Checkbox.Group mt={12} {...features} onChange={(wanted) => set({ features: wanted })}>
        <Group mt={4}>
          {duoFeature.options.map((one) => (
            <Checkbox
              key={one}
              value={one}
              label={featureLabels[catalogueFeature[one]]}
              aria-invalid={features.error !== undefined || undefined}
            />
          ))}
        </Group>
      </Checkbox.Group>
    </Fieldset>
  );
}

/** Fields for the AI Gateway and where it listens. */
export function GatewayFields({ fields: { draft, bind, typed, number, offered, set } }: { fields: SiteInputs }) {
  const kinds = chosen(text.gatewayKinds).filter(
    (one) => one.value !== 'simulated' || draft.gatewayKind === 'simulated',
  );
  return (
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
  );
}

/** Fields for the model server, the model, and its name in GitLab. */
export function ModelFields({ fields }: { fields: SiteInputs }) {
  const { draft, bind, typed, number, offered, set, state } = fields;
  const problem = modelProblem(draft, state);
  return (
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
          <ModelName fields={fields} />
        )}
        <ServedGguf fields={fields} />
        {usesImage(draft.engine) && <Autocomplete {...offered('modelImage')} />}
        {draft.engine === 'litellm-ollama' && <Autocomplete {...offered('litellmImage')} />}
        <TextInput {...typed('servedName')} />
        <Select
          {...bind('family')}
          data={[...new Set([...modelFamily.options, draft.family])]}
          allowDeselect={false}
          onChange={(family) => set({ family: family ?? 'GENERAL' })}
        />
        <NumberInput {...number('contextTokens')} />
        {draft.engine === 'llamacpp' && <NumberInput {...number('threads')} />}
      </SimpleGrid>
      {isOtherThanChosen(draft, state) && (
        <Text className="sl-look" mt={12} role="status">
          ▲ {text.otherModel(state.answers.modelId ?? '', draft.modelName)}
        </Text>
      )}
      {problem !== undefined && (
        <Text className="sl-look" mt={12} role="status">
          ▲ {problem}
        </Text>
      )}
    </Fieldset>
  );
}

/** The model in the store. Its name in GitLab follows until it is edited. */
function ModelName({ fields: { draft, bind, set, state } }: { fields: SiteInputs }) {
  return (
    <Autocomplete
      {...bind('modelName')}
      maxLength={63}
      data={state.store.models.map((one) => one.name)}
      onChange={(modelName) =>
        set({ modelName, serve: '', ...(draft.servedName === draft.modelName && { servedName: modelName }) })
      }
    />
  );
}

/** Of a model with several GGUF files: which one is served. */
function ServedGguf({ fields: { draft, bind, set, state } }: { fields: SiteInputs }) {
  const { ggufs, served } = ggufChoice(draft, state);
  if (ggufs.length === 0) return null;
  return (
    <Select
      {...bind('serve')}
      value={draft.serve || served || null}
      data={ggufs}
      allowDeselect={false}
      placeholder={text.chooseGguf}
      comboboxProps={{ withinPortal: false }}
      description={served === undefined && draft.serve === '' ? text.whyGguf : undefined}
      onChange={(serve) => set({ serve: serve ?? '' })}
    />
  );
}

/** Fields for the address of the front. */
export function FrontFields({ fields: { typed, number } }: { fields: SiteInputs }) {
  return (
    <Fieldset legend={text.groups.front}>
      <SimpleGrid cols={2}>
        <TextInput {...typed('frontHost')} />
        <NumberInput {...number('frontPort')} />
      </SimpleGrid>
    </Fieldset>
  );
}
