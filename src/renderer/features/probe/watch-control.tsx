import { Button, NativeSelect } from '@mantine/core';
import { useId } from 'react';
import { probeText as text } from '../../text/probe.ts';
import type { Watch } from './use-watch.ts';

/** Starts and stops repeated probing, and sets how often it probes. */
export function WatchControl({ watch, isDisabled }: { watch: Watch; isDisabled: boolean }) {
  const id = useId();
  return (
    <>
      <label className="sl-beside" htmlFor={id}>
        {text.watchEvery}
        <NativeSelect
          id={id}
          data={Object.entries(text.every).map(([value, label]) => ({ value, label }))}
          value={String(watch.everySeconds)}
          onChange={(event) => watch.setEvery(Number(event.currentTarget.value))}
        />
      </label>
      <Button variant="default" disabled={isDisabled} onClick={watch.isOn ? watch.stop : watch.start}>
        {watch.isOn ? text.stopWatching : text.watch}
      </Button>
    </>
  );
}
