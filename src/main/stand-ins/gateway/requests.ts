import { z } from 'zod';
import type { ChatMessage } from './ask-model.ts';
import { modelMetadata } from './model-target.ts';

const content = z.string().max(100_000);
const file = z.object({
  file_name: z.string().max(255),
  content_above_cursor: content,
  content_below_cursor: content.default(''),
});
type EditedFile = z.infer<typeof file>;

/** Body of the connection check; `model_metadata` is checked separately, because the real gateway ignores an invalid one. */
export const promptRequest = z.object({
  inputs: z.record(z.string(), z.unknown()),
  prompt_version: z.string().max(50),
});

/** Body of `/v2/code/completions`, the flat form. */
export const flatRequest = z.object({
  prompt_version: z.int(),
  current_file: file,
  model_provider: z.literal('litellm'),
  model_name: z.string().max(100),
  model_endpoint: z.string().max(255),
  model_api_key: z.string().max(2000).optional(),
  model_identifier: z.string().max(1000).optional(),
  stream: z.literal(false).default(false),
});

/** Body of `/v4/code/suggestions`, the component form. */
export const componentRequest = z.object({
  prompt_components: z
    .array(
      z.object({
        type: z.enum(['code_editor_completion', 'code_editor_generation']),
        payload: file.extend({
          stream: z.literal(false).default(false),
          prompt_enhancer: z.object({ user_instruction: z.string().max(10_000).default('') }).optional(),
        }),
      }),
    )
    .length(1),
  model_metadata: modelMetadata,
});

/** This stand-in's own wording, not the real gateway's. */
export const helloMessages: ChatMessage[] = [{ role: 'user', content: 'Answer with one short greeting.' }];

/** Asks for the code at the cursor, in this stand-in's own wording. */
export function completionMessages(edited: EditedFile): ChatMessage[] {
  return [
    { role: 'system', content: 'Continue the code at <cursor/>. Answer with code alone.' },
    { role: 'user', content: cursorText(edited) },
  ];
}

/** Asks for new code, in this stand-in's own wording. */
export function generationMessages(edited: EditedFile, wish: string): ChatMessage[] {
  return [
    { role: 'system', content: 'Write the code that is asked for. Answer with code alone.' },
    { role: 'user', content: `${wish}\n\n${cursorText(edited)}` },
  ];
}

function cursorText(edited: EditedFile): string {
  return `File ${edited.file_name}:\n${edited.content_above_cursor}<cursor/>${edited.content_below_cursor}`;
}
