import type { SiteModel } from '../../../shared/site-file.ts';
import type { AcceptanceCatalog, AcceptanceTask, CompletionForm } from './acceptance-catalog.ts';

/** One message of a chat, as it goes to the front. */
export type ChatMessage = Record<string, unknown> & { role: string };

/** The body of a task's first request, without the fields of its transport. */
export interface TaskRequest {
  messages: ChatMessage[];
  max_tokens: number;
  /** 0, so that two runs can be compared. */
  temperature: 0;
  stop?: string[];
  tools?: object[];
}

/** Returns the request that the gateway would send for a task to a model of this family. */
export function taskRequest(
  { complete, ask }: Pick<AcceptanceTask, 'complete' | 'ask'>,
  { completionForms, tools }: Pick<AcceptanceCatalog, 'completionForms' | 'tools'>,
  family: SiteModel['family'],
): TaskRequest {
  if (complete) return completionRequest(complete, formFor(completionForms, family));
  const { messages = [], stop, maxTokens = 1, usesTools } = ask ?? {};
  return {
    messages,
    max_tokens: maxTokens,
    temperature: 0,
    ...(stop && { stop }),
    ...(usesTools && { tools: tools.map((one) => ({ type: 'function', function: one })) }),
  };
}

function formFor(forms: CompletionForm[], family: SiteModel['family']): CompletionForm {
  const form =
    forms.find((one) => one.families.includes(family)) ?? forms.find(({ families }) => families.length === 0);
  if (!form) throw new Error('the catalogue always has a form for all other families');
  return form;
}

function completionRequest(
  file: NonNullable<AcceptanceTask['complete']>,
  { system, user, stop, maxTokens }: CompletionForm,
): TaskRequest {
  const values: Record<string, string> = file;
  const content = user.replace(/\{\{(\w+)\}\}/g, (whole, name) => values[name] ?? whole);
  return {
    messages: [...(system ? [{ role: 'system', content: system }] : []), { role: 'user', content }],
    max_tokens: maxTokens,
    temperature: 0,
    ...(stop && { stop }),
  };
}
