import { Button } from '@mantine/core';
import { useState } from 'react';
import { usualNeeds } from '../../../shared/estimate/plan-model.ts';
import { modelText as text } from '../../text/model.ts';
import { useModels } from './model-store.ts';

const contexts = [4096, 8192, 16_384, 32_768, 65_536, 131_072, 262_144, 524_288, 1_048_576];
const requests = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/**
 * Sliders for context and concurrent requests, and a button back to the usual values. The context doubles per step, up to the trained
 * length of the model; without a model, up to the longest of all.
 */
export function WantedSliders({ longest = Math.max(...contexts) }: { longest?: number | undefined }) {
  const { contextTokens, concurrency } = useModels();
  const isChanged = contextTokens !== usualNeeds.contextTokens || concurrency !== usualNeeds.concurrency;
  const steps = [...contexts.filter((one) => one < longest), longest];
  return (
    <div className="sl-sliders">
      <StepSlider
        label={text.context}
        steps={steps}
        value={Math.min(contextTokens, longest)}
        say={text.contextValue}
        change={(value) => useModels.setState({ contextTokens: value })}
      />
      <StepSlider
        label={text.concurrency}
        steps={requests}
        value={concurrency}
        say={String}
        change={(value) => useModels.setState({ concurrency: value })}
      />
      {isChanged && (
        <Button
          size="compact-xs"
          variant="subtle"
          onClick={({ currentTarget }) => {
            // The button goes, and the focus must not go with it.
            currentTarget.closest('.sl-sliders')?.querySelector('input')?.focus();
            useModels.setState(usualNeeds);
          }}
        >
          {text.resetNumbers}
        </Button>
      )}
    </div>
  );
}

/** A slider over given values. A value between two steps is placed at the nearest, and its label shows the exact value. */
function StepSlider(props: {
  label: string;
  steps: readonly number[];
  value: number;
  say(value: number): string;
  change(value: number): void;
}) {
  const { label, steps, value, say, change } = props;
  const [id] = useState(() => `slider-${label.replaceAll(/\W/g, '-')}`);
  const at = steps.reduce(
    (best, one, index) => (Math.abs(one - value) < Math.abs((steps[best] ?? 0) - value) ? index : best),
    0,
  );
  return (
    <div>
      <div className="sl-slider-label">
        <label htmlFor={id}>{label}</label>
        <output htmlFor={id}>{say(value)}</output>
      </div>
      <input
        id={id}
        type="range"
        min={0}
        max={steps.length - 1}
        step={1}
        value={at}
        aria-valuetext={say(value)}
        onChange={(event) => change(steps[Number(event.currentTarget.value)] ?? value)}
      />
    </div>
  );
}
