import type { WizardState } from '../../../shared/contract/wizard.ts';
import { deployText as text } from '../../text/deploy.ts';
import { formField, type SiteDraft } from './site-draft.ts';

/** A field of the site file that is not right, as the core says it. */
export type FieldProblem = { field: string; problem: string };

/** What the fields of the form are bound to. */
export type SiteInputs = ReturnType<typeof siteInputs>;

/** Binds fields of the form by name: label, value, problem, and what typing changes. */
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
    error: problems.find((one) => formField[one.field] === field)?.problem,
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
    number: (field: 'httpPort' | 'grpcPort' | 'frontPort' | 'contextTokens' | 'threads') => ({
      ...bind(field),
      allowDecimal: false,
      hideControls: true,
      onChange: (value: number | string) => set({ [field]: value }),
    }),
    /** An image of the store, or another by its name. */
    offered: (field: 'gatewayImage' | 'modelImage' | 'litellmImage') => ({
      ...bind(field),
      maxLength: 400,
      data: store.images.map((one) => one.reference),
      description: store.images.length === 0 ? text.noImage : undefined,
      onChange: (value: string) => set({ [field]: value }),
    }),
  };
}
