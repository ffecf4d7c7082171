import { bytesText } from './bytes-text.ts';
import { isEnded, type JobSnapshot } from './jobs.ts';

/**
 * Returns one line of progress: percentage, then amounts, rate and time left of the current step. Leaves out what was not measured; a step
 * whose rate is not known yet is being measured. A job that has ended has percentage and amounts only. With shares of the steps, the percentage is that of the whole job.
 */
export function progressText(job: JobSnapshot): string {
  const { progress, rate, whole } = job;
  const isWhole = whole !== undefined;
  const percent = percentText(job) && `${percentText(job)}${isWhole ? ' of the job' : ''}`;
  if (!progress) return percent;
  const { done, total, unit, item, lanes = {} } = progress;
  const amount = (value: number) => (unit === 'bytes' ? bytesText(value) : String(value));
  const parts = [
    percent,
    `${total === undefined ? amount(done) : `${amount(done)} of ${amount(total)}`}${isWhole ? ' in this step' : ''}`,
    ...(isEnded(job)
      ? []
      : [
          rate && unit === 'bytes' ? `${bytesText(rate)}/s` : '',
          total ? timeLeft(total - done, rate) : '',
          item ?? '',
          ...Object.values(lanes).map((lane) => lane.item ?? ''),
        ]),
  ];
  return parts.filter((one) => one !== '').join(' · ');
}

function timeLeft(rest: number, rate: number | undefined): string {
  if (rest <= 0) return '';
  return rate ? `${secondsText(rest / rate)} left` : 'measuring';
}

/** Returns the percentage done, as in "62 %"; empty if it is unknown. It is that of the whole job where the shares of its steps are known. */
export function percentText(job: JobSnapshot): string {
  const percent = percentOf(job);
  return percent === undefined ? '' : `${percent} %`;
}

/** Returns the percentage done as a whole number, as in `percentText`. */
export function percentOf({ progress, whole }: JobSnapshot): number | undefined {
  if (whole !== undefined) return Math.floor(100 * whole);
  return progress?.total ? Math.floor((100 * progress.done) / progress.total) : undefined;
}

/** Formats seconds for people: "2 min 10 s". */
export function secondsText(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
