import { Group, Stack, Text } from '@mantine/core';
import { probeText } from '../text/probe.ts';
import type { ChainNode } from './chain-nodes.ts';
import { StateMark } from './state-mark.tsx';
import { TrustBadge } from './trust-badge.tsx';
import './probe-chain.css';
import { coreLanguage } from '../text/language.ts';

const status = { waiting: 'todo', asking: 'working', answered: 'done', failed: 'blocked', skipped: 'todo' } as const;

/** Hops whose answer comes from the model. The others report the health of a service. */
const ofModel = ['model', 'gateway-to-model', 'gateway-prompt-check', 'gitlab-completion'];

/** With a list of models, the name of a hop ends with the model's. */
function isOfModel(hop: string): boolean {
  return ofModel.some((one) => hop === one || hop.startsWith(`${one}-`));
}

/** Shows the hops from the model to GitLab, each with its state, duration and answer. */
export function ProbeChain({ nodes }: { nodes: readonly ChainNode[] }) {
  return (
    <ol className="sl-chain sl-panel">
      {nodes.map((node) => (
        <li key={node.hop} className="sl-node" data-state={node.state}>
          <Stack gap={2}>
            <Group gap={8}>
              <StateMark status={status[node.state]} wordless />
              <Text fw={600} lang={coreLanguage}>
                {node.title}
              </Text>
              {node.result?.simulated && <TrustBadge mark="simulated" />}
            </Group>
            <Text size="xs" className="sl-quiet">
              {factsOf(node)}
            </Text>
            {node.result?.answer && (
              <blockquote className="sl-answer">
                <span className="sl-hidden">{isOfModel(node.hop) ? probeText.words : probeText.answer}: </span>
                {node.result.answer}
              </blockquote>
            )}
            {node.result?.error && (
              <Text className="sl-bad" lang={coreLanguage}>
                {node.result.error}
              </Text>
            )}
          </Stack>
        </li>
      ))}
    </ol>
  );
}

function factsOf({ state, result }: ChainNode): string {
  const words = {
    waiting: probeText.waiting,
    asking: probeText.asking,
    answered: probeText.answered,
    failed: probeText.failed,
    skipped: probeText.skipped,
  };
  const facts = [
    words[state],
    result && result.status !== null && probeText.http(result.status),
    result && result.latencyMs !== null && probeText.ms(result.latencyMs),
    result?.correlationId && probeText.requestId(result.correlationId),
  ];
  return facts.filter(Boolean).join(' · ');
}
