/** A message as clients send it; everything but the role is the model server's to judge. */
export type Message = Record<string, unknown> & { role: string };

const isSystem = ({ role }: Message) => role === 'system' || role === 'developer';

/**
 * Makes messages fit the chat templates of usual models: text parts become one string, the system messages at the start one message,
 * and a later one a user message, joined with its neighbours so that roles still alternate. `cache_control` is removed.
 */
export function fitMessages(given: readonly Message[]): Message[] {
  const messages = given.map(plain);
  const start = messages.findIndex((one) => !isSystem(one));
  const system = messages.slice(0, start === -1 ? messages.length : start);
  const rest = messages.slice(system.length);
  return [...joinedSystem(system), ...rest.reduce(withLaterSystem, { messages: [], isOpen: false }).messages];
}

function joinedSystem(system: Message[]): Message[] {
  const [first, ...more] = system;
  if (!first || more.length === 0 || !system.every(hasText)) return system;
  return [{ ...first, content: joined(system) }];
}

/** `isOpen`: the last message was or has a system message, and takes in the user's next one. */
function withLaterSystem(done: { messages: Message[]; isOpen: boolean }, one: Message) {
  const isLate = isSystem(one);
  const message = isLate ? { ...one, role: 'user' } : one;
  const last = done.messages.at(-1);
  const joins = last?.role === 'user' && message.role === 'user' && (isLate || done.isOpen);
  if (!last || !joins || !hasText(last) || !hasText(message))
    return { messages: [...done.messages, message], isOpen: isLate };
  const both = { ...last, content: joined([last, message]) };
  return { messages: [...done.messages.slice(0, -1), both], isOpen: isLate };
}

function joined(messages: Message[]): string {
  return messages.map((one) => one.content).join('\n\n');
}

function hasText({ content }: Message): boolean {
  return typeof content === 'string';
}

function plain({ cache_control: _, content, ...rest }: Message): Message {
  if (content === undefined) return rest as Message;
  return {
    ...rest,
    content: Array.isArray(content) ? withoutParts(content.map(partWithoutCacheControl)) : content,
  } as Message;
}

/** One string for parts that are all text; images and what is odd stay as they are. */
function withoutParts(parts: unknown[]): unknown {
  const texts = parts.map((part) => {
    const { type, text } = (part ?? {}) as { type?: unknown; text?: unknown };
    return type === 'text' && typeof text === 'string' ? text : undefined;
  });
  return texts.every((text) => text !== undefined) ? texts.join('') : parts;
}

function partWithoutCacheControl(part: unknown): unknown {
  if (typeof part !== 'object' || part === null) return part;
  const { cache_control: _, ...rest } = part as Record<string, unknown>;
  return rest;
}
