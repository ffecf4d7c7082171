import { answerSpeed } from '../../../shared/answer-speed.ts';
import type { AskItem } from '../../../shared/contract/probe.ts';
import { plainText } from '../../../shared/plain-text.ts';
import type { Cli } from '../cli.ts';
import { readCount } from '../read-count.ts';
import { siteName } from '../site-name.ts';

interface AskOptions {
  site?: string;
  model?: string;
  maxTokens: string;
}

type Figures = Omit<Extract<AskItem, { type: 'end' }>, 'type'>;

/** The longest time without a word to the person. */
const quietMs = 5000;

/** Adds `sealift ask`. */
export function askCommand(cli: Cli): void {
  cli.program
    .command('ask')
    .description("ask a site's model a question, straight through its front")
    .argument('<question>')
    .option('--site <name>', 'name of the site')
    .option('--model <name>', 'served name of the model, where the site has several')
    .option('--max-tokens <tokens>', 'cut the answer after this many tokens', '1024')
    .action(
      cli.action({ writes: false }, async (session, question: string, options: AskOptions) => {
        const maxTokens = readCount(options.maxTokens, '--max-tokens', 'ask', { least: 1, most: 100_000 });
        const site = await siteName(session, undefined, options.site);
        session.say(`◐ Waiting for the model of ${site} …`);
        let answer = '';
        let thinking = '';
        let saidAt = Date.now();
        let end: Figures | undefined;
        for await (const item of session.client.probe.ask({
          site,
          question,
          maxTokens,
          ...(options.model !== undefined && { model: options.model }),
        })) {
          if (item.type === 'end') {
            const { type: _, ...figures } = item;
            end = figures;
          } else if (item.isThinking) thinking += item.text;
          else answer += item.text;
          if (Date.now() - saidAt < quietMs) continue;
          saidAt = Date.now();
          session.say(`  ${answer.length + thinking.length} characters so far`);
        }
        const data = { site, answer, ...(thinking !== '' && { thinking }), ...end };
        return { data, human: [plainText(answer), figuresText(end)].join('\n') };
      }),
    );
}

function figuresText(end: Figures | undefined): string {
  if (!end) return '';
  const { completionTokens, firstTokenMs, finishReason, correlationId } = end;
  const speed = answerSpeed(end);
  const parts = [
    ...(firstTokenMs === undefined ? [] : [`first token after ${(firstTokenMs / 1000).toFixed(2)} s`]),
    ...(completionTokens === undefined ? [] : [`${completionTokens} tokens`]),
    ...(speed === undefined ? [] : [`${speed.toFixed(1)} tokens/s`]),
    ...(finishReason === 'length' ? ['cut at --max-tokens'] : []),
    correlationId,
  ];
  return `● ${parts.join(', ')}`;
}
