import { useEffect, useRef, useState } from 'react';
import { isEnded } from '../../../shared/jobs.ts';
import { useJobs } from '../../state/jobs.ts';

/** Repeated probing of one site: whether it is on, how often it probes, and how to change that. */
export interface Watch {
  isOn: boolean;
  everySeconds: number;
  start(): void;
  stop(): void;
  setEvery(seconds: number): void;
}

/**
 * Probes again some time after each probe that it started has ended. It ends when its screen is left, when `stop` is called, and when a
 * probe can't run or is cancelled. `probe` resolves to the ID of its job, or to undefined when it was refused.
 */
export function useWatch(probe: () => Promise<string | undefined>): Watch {
  const [isOn, setOn] = useState(false);
  const [everySeconds, setEvery] = useState(60);
  const [askedId, setAskedId] = useState<string>();
  const asked = useJobs(({ byId }) => (askedId === undefined ? undefined : byId[askedId]));
  const ended = asked && isEnded(asked) ? asked : undefined;
  const newest = useRef(probe);
  newest.current = probe;
  const again = useRef(async () => {
    const jobId = await newest.current();
    setAskedId(jobId);
    if (jobId === undefined) setOn(false);
  });
  useEffect(() => {
    if (!isOn || !ended) return;
    if (ended.state !== 'succeeded') return setOn(false);
    const timer = setTimeout(() => void again.current(), everySeconds * 1000);
    return () => clearTimeout(timer);
  }, [isOn, ended, everySeconds]);
  return {
    isOn,
    everySeconds,
    setEvery,
    start: () => {
      setAskedId(undefined);
      setOn(true);
      void again.current();
    },
    stop: () => setOn(false),
  };
}
