import type { WizardState } from '../../../shared/contract/wizard.ts';
import { deployText as text } from '../../text/deploy.ts';
import { formField, type SiteDraft } from './site-draft.ts';

/** A problem that the core reports for a field of the site file. */
export type FieldProblem = { field: string; problem: string; expected?: string | undefined };

/** The bindings for the fields of the form. */
export type SiteInputs = ReturnType<typeof siteInputs>;

/* The field shows its value, so the problem only says what to enter. */
function instruction(found: FieldProblem | undefined): string | undefined {
  if (!found) return undefined;
  const words = found.expected ?? found.problem;
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? '' : '.'}`;
}

/** Returns functions that bind a field by name: label, value, problem and change handler. */
export function siteInputs(
  draft: SiteDraft,
  set: (change: Partial<SiteDraft>) => void,
  problems: readonly FieldProblem[],
  state: WizardState,
) {
  const { store } = state;
  const bind = <K extends keyof SiteDraft>(field: K) => ({
    label: text.fields[field as keyof typeof text.fields],
    value: draft[field],
    error: instruction(problems.find((one) => formField[one.field] === field)),
  });
  const offered = (field: 'gatewayHost' | 'gatewayImage' | 'modelImage' | 'litellmImage', data: string[]) => ({
    ...bind(field),
    value: draft[field],
    maxLength: 400,
    data: [...new Set(data)],
    onChange: (value: string) => set({ [field]: value }),
  });
  return {
    draft,
    set,
    state,
    bind,
    typed: (field: keyof SiteDraft) => ({
      ...bind(field),
      value: String(draft[field]),
      maxLength: 4096,
      onChange: (event: { currentTarget: { value: string } }) => set({ [field]: event.currentTarget.value }),
    }),
    number: (field: 'httpPort' | 'grpcPort' | 'frontPort' | 'contextTokens' | 'threads' | 'slots') => ({
      ...bind(field),
      allowDecimal: false,
      hideControls: true,
      onChange: (value: number | string) => set({ [field]: value }),
    }),
    /** One of these, or another that is typed. */
    offered,
    /** An image from the store, or the name of another. */
    image: (field: 'gatewayImage' | 'modelImage' | 'litellmImage') => ({
      ...offered(
        field,
        store.images.map((one) => one.reference),
      ),
      description: store.images.length === 0 ? text.noImage(text.fields[field]) : undefined,
    }),
  };
}
