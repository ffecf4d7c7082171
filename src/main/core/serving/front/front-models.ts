import { boundedText } from '../../../../shared/bounded-text.ts';
import { badRequest } from '../openai/api-error.ts';
import { ChatUpstream, type ChatUpstreamOptions } from './chat-upstream.ts';
import type { ServedModel } from './front-request.ts';
import { readError } from './upstream-answer.ts';

/** One model behind the front, and its server. */
export interface FrontModel extends ServedModel, ChatUpstreamOptions {}

/** A model with its route. `open` counts the requests that are being answered: a model that hangs holds up no other. */
export interface ModelRoute {
  served: FrontModel;
  chat: ChatUpstream;
  open: number;
}

/** The models behind a front. One alone answers under any name; several are told apart by the names that they are served under. */
export class FrontModels {
  #routes: readonly ModelRoute[] = [];

  constructor(models: readonly FrontModel[]) {
    this.replace(models);
  }

  /** Serves these from the next request on. A model that was there before keeps its route. */
  replace(models: readonly FrontModel[]): void {
    const before = this.#routes;
    this.#routes = models.map(
      (served) => before.find((one) => one.served === served) ?? { served, chat: new ChatUpstream(served), open: 0 },
    );
  }

  /** Whether a request has to name its model. */
  get areSeveral(): boolean {
    return this.#routes.length > 1;
  }

  /** Returns the model that a request body asks for. Throws ApiError as OpenAI does: 400 without a name, 404 for an unknown one. */
  of(body: unknown): ModelRoute {
    const [first] = this.#routes;
    if (first && !this.areSeveral) return first;
    const name = (body as { model?: unknown } | null | undefined)?.model;
    if (typeof name !== 'string') throw badRequest('You must provide a model parameter.', null, 'model');
    const found = this.#routes.find(({ served }) => served.servedName === name);
    if (found) return found;
    const message = `The model \`${boundedText(name, 100)}\` does not exist or you do not have access to it.`;
    throw badRequest(message, 'model_not_found', 'model', 404);
  }

  /** Returns whether each model's server answers, by served name. */
  async ready(): Promise<Record<string, boolean>> {
    const asked = this.#routes.map(async ({ served: { servedName, upstream } }) => {
      return [servedName, await upstream.isReady()] as const;
    });
    return Object.fromEntries(await Promise.all(asked));
  }

  /** Returns the entries of `/v1/models`: those whose server answers. Throws the first one's ApiError when none does. */
  async listed(requestId: string, signal: AbortSignal): Promise<object[]> {
    const asked = await Promise.allSettled(this.#routes.map(({ served }) => listedOne(served, requestId, signal)));
    const answered = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const [first] = asked;
    if (answered.length === 0 && first?.status === 'rejected') throw first.reason;
    return answered;
  }
}

async function listedOne(
  { upstream, servedName, contextTokens }: FrontModel,
  requestId: string,
  signal: AbortSignal,
): Promise<object> {
  const answer = await upstream.call({ method: 'GET', path: '/models', requestId, signal });
  if (answer.statusCode !== 200) throw await readError(answer);
  await answer.body.dump();
  return { id: servedName, object: 'model', created: 0, owned_by: 'sealift', max_model_len: contextTokens };
}
