import { resolve } from 'node:path';
import { bytesText } from '../../../shared/bytes-text.ts';
import { contract } from '../../../shared/contract/index.ts';
import { secondsText } from '../../../shared/progress-text.ts';
import type { InputOf, OutputOf } from '../../../shared/rpc/contract.ts';
import type { Cli } from '../cli.ts';
import { collect } from '../collect.ts';
import { columns } from '../columns.ts';
import { openLines } from '../finding-lines.ts';
import { mediaInput } from './bundle-read.ts';

interface PushOptions {
  store?: string;
  ca?: string;
  only?: string[];
  tokenHost?: string[];
  overrideUntrusted?: string;
  plan?: boolean;
}

/** Adds `sealift push`. */
export function pushCommands(cli: Cli): void {
  const plan = cli.action(
    { writes: false },
    async ({ client }, target: string, dirs: string[], options: PushOptions) => {
      const data = await client.push.plan(inputOf(target, dirs, options));
      return { data, human: planText(data), red: data.missing.length > 0 };
    },
  );
  const run = cli.action({ writes: true }, async (session, target: string, dirs: string[], options: PushOptions) => {
    const started = session.client.push.run(inputOf(target, dirs, options));
    const data = await session.follow(contract.push.run, started);
    return { data, human: pushedText(data), red: !data.isComplete };
  });
  cli.program
    .command('push')
    .description("send a bundle's images, models and files into your own registry, with their digests")
    .argument(
      '<registry/prefix>',
      'where to, such as registry.example/duo; http:// before it for a registry without TLS',
    )
    .argument('[dir...]', 'the media; without them, the models and files of the store')
    .option('--plan', 'only show what would be sent')
    .option('--only <name>', 'push only the content with this name (repeatable)', collect)
    .option('--ca <file>', "certificate of the registry's authority (PEM)")
    .option('--token-host <host>', 'another host that may receive the login, for a token (repeatable)', collect)
    .option('--store <dir>', "the store's folder (default: in the data folder)")
    .option('--override-untrusted <reason>', 'continue without a signature by a trusted key; the reason is recorded')
    .action((target: string, dirs: string[], options: PushOptions) =>
      options.plan ? plan(target, dirs, options) : run(target, dirs, options),
    );
}

function inputOf(target: string, dirs: string[], options: PushOptions): InputOf<typeof contract.push.run> {
  const { store, ca, only, tokenHost } = options;
  return {
    target,
    ...mediaInput('push', dirs, options),
    ...(store !== undefined && { store: resolve(store) }),
    ...(ca !== undefined && { ca: resolve(ca) }),
    ...(only && { only }),
    ...(tokenHost && { tokenHosts: tokenHost }),
  };
}

type Planned = OutputOf<typeof contract.push.plan>;
type Pushed = OutputOf<typeof contract.push.run>;

const stateWords = {
  plan: { present: 'is there', absent: 'to be sent', incomplete: 'incomplete on these media' },
  run: { present: 'is there', absent: 'not sent', incomplete: 'not complete yet' },
};

function contentLines({ contents }: Planned | Pushed, words: (typeof stateWords)['plan']): string[] {
  const rows = contents.map((one) => [one.kind, one.name, one.reference, one.digest, words[one.state]]);
  return columns(rows, '  ');
}

function planText(data: Planned): string {
  return [
    `Push to ${data.registry}, ${data.login}: ${bytesText(data.sendBytes)} to send, ${bytesText(data.presentBytes)} already there`,
    ...trustLines(data),
    ...contentLines(data, stateWords.plan),
    ...data.findings.flatMap(openLines),
  ].join('\n');
}

function pushedText(data: Pushed): string {
  const time = secondsText(data.durationMs / 1000);
  return [
    data.isComplete
      ? `● Everything is in ${data.registry} (${time}).`
      : `◐ Pushed a part to ${data.registry} (${time}).`,
    ...trustLines(data),
    ...contentLines(data, stateWords.run),
    `  Sent ${bytesText(data.sentBytes)}, resumed ${bytesText(data.resumedBytes)}, already there ${bytesText(data.presentBytes)}.`,
    ...data.findings.flatMap(openLines),
  ].join('\n');
}

function trustLines({ signature }: Planned | Pushed): string[] {
  if (!signature || signature.trusted) return [];
  return [`  ▲ The bundle is not signed by a trusted key (override: ${signature.overrideReason ?? ''})`];
}
