import {
  Autocomplete,
  Checkbox,
  Fieldset,
  Group,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { catalogueFeature } from '../../../shared/feature-labels.ts';
import { duoFeature, modelFamily } from '../../../shared/site-file.ts';
import { deployText as text } from '../../text/deploy.ts';
import { settingsText } from '../../text/settings.ts';
import { ggufChoice, isOtherThanChosen, modelProblem, type SiteDraft, usesImage } from './site-draft.ts';
import type { SiteInputs } from './site-inputs.ts';

const chosen = (values: Record<string, string>) => Object.entries(values).map(([value, label]) => ({ value, label }));

/* Explanations of different length would set the fields of one row at different heights. */
const below: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error'];

/** The five answers that no default fits: name, GitLab, its version, the address that GitLab is given, and the model. */
export function MainFields({ fields }: { fields: SiteInputs }) {
  const { draft, typed, offered, state } = fields;
  const problem = modelProblem(draft, state);
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <TextInput {...typed('name')} description={text.about.name} inputWrapperOrder={below} />
        <Autocomplete
          {...offered('gatewayHost', state.addresses)}
          description={text.about.gatewayHost}
          inputWrapperOrder={below}
        />
        <TextInput {...typed('gitlabUrl')} placeholder="https://gitlab.example" />
        <TextInput {...typed('gitlabVersion')} placeholder="18.9" />
        {draft.engine === 'external' ? (
          <TextInput {...typed('endpoint')} placeholder="http://10.0.0.7:8000/v1" />
        ) : (
          <ModelName fields={fields} />
        )}
        <ServedGguf fields={fields} />
      </SimpleGrid>
      {isOtherThanChosen(draft, state) && (
        <Text className="sl-look" role="status">
          ▲ {text.otherModel(state.answers.modelId ?? '', draft.modelName)}
        </Text>
      )}
      {problem !== undefined && (
        <Text className="sl-look" role="status">
          ▲ {problem}
        </Text>
      )}
    </>
  );
}

/** Everything else, each group with a word of why one would change it. */
export function MoreFields({ fields }: { fields: SiteInputs }) {
  return (
    <Stack gap={16} pt={12}>
      <FeatureFields fields={fields} />
      <GatewayFields fields={fields} />
      <ModelFields fields={fields} />
      <Fieldset legend={text.groups.front}>
        <Why of="front" />
        <SimpleGrid cols={2}>
          <TextInput {...fields.typed('frontHost')} />
          <NumberInput {...fields.number('frontPort')} />
        </SimpleGrid>
      </Fieldset>
    </Stack>
  );
}

function Why({ of }: { of: keyof typeof text.why }) {
  return (
    <Text size="sm" className="sl-quiet" mb={8}>
      {text.why[of]}
    </Text>
  );
}

function FeatureFields({ fields: { bind, set } }: { fields: SiteInputs }) {
  const features = bind('features');
  return (
    <Fieldset legend={text.groups.gitlab}>
      <Why of="gitlab" />
      <Select
        {...bind('installation')}
        data={chosen(text.installations)}
        allowDeselect={false}
        mb={8}
        onChange={(kind) => set({ installation: (kind ?? 'linux-package') as SiteDraft['installation'] })}
      />
      <Checkbox.Group {...features} onChange={(wanted) => set({ features: wanted })}>
        <Group mt={4}>
          {duoFeature.options.map((one) => (
            <Checkbox
              key={one}
              value={one}
              label={settingsText.features[catalogueFeature[one]]}
              aria-invalid={features.error !== undefined || undefined}
            />
          ))}
        </Group>
      </Checkbox.Group>
    </Fieldset>
  );
}

function GatewayFields({ fields: { draft, bind, number, image, set } }: { fields: SiteInputs }) {
  const kinds = chosen(text.gatewayKinds).filter(
    (one) => one.value !== 'simulated' || draft.gatewayKind === 'simulated',
  );
  return (
    <Fieldset legend={text.groups.gateway}>
      <Why of="gateway" />
      <SimpleGrid cols={2}>
        <Select
          {...bind('gatewayKind')}
          data={kinds}
          allowDeselect={false}
          onChange={(kind) => set({ gatewayKind: (kind ?? 'container') as SiteDraft['gatewayKind'] })}
        />
        {draft.gatewayKind === 'container' && <Autocomplete {...image('gatewayImage')} />}
        <NumberInput {...number('httpPort')} />
        <NumberInput {...number('grpcPort')} />
      </SimpleGrid>
    </Fieldset>
  );
}

function ModelFields({ fields }: { fields: SiteInputs }) {
  const { draft, bind, typed, number, image, set } = fields;
  return (
    <Fieldset legend={text.groups.model}>
      <Why of="model" />
      <SimpleGrid cols={2}>
        <Select
          {...bind('engine')}
          data={chosen(text.engines)}
          allowDeselect={false}
          onChange={(engine) => set({ engine: (engine ?? 'llamacpp') as SiteDraft['engine'] })}
        />
        {usesImage(draft.engine) && <Autocomplete {...image('modelImage')} />}
        {draft.engine === 'litellm-ollama' && <Autocomplete {...image('litellmImage')} />}
        <TextInput {...typed('servedName')} />
        <Select
          {...bind('family')}
          data={[...new Set([...modelFamily.options, draft.family])]}
          allowDeselect={false}
          onChange={(family) => set({ family: family ?? 'GENERAL' })}
        />
        <NumberInput {...number('contextTokens')} />
        {draft.engine === 'llamacpp' && <NumberInput {...number('threads')} />}
        {draft.engine === 'llamacpp' && (
          <NumberInput {...number('slots')} description={text.about.slots} inputWrapperOrder={below} />
        )}
        {draft.engine === 'external' && (
          <TextInput {...typed('endpointKey')} description={text.about.endpointKey} inputWrapperOrder={below} />
        )}
      </SimpleGrid>
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
