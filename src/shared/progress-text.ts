import { bytesText } from './bytes-text.ts';
import type { JobSnapshot } from './jobs.ts';

/** One line of progress: share, amounts, rate and time left; what was not measured is not shown. */
export function progressText(job: JobSnapshot): string {
  const progress = job.progress;
  if (!progress) return '';
  const amount = (value: number) => (progress.unit === 'bytes' ? bytesText(value) : String(value));
  const parts: string[] = [];
  if (progress.total) parts.push(percentText(job));
  parts.push(
    progress.total === undefined ? amount(progress.done) : `${amount(progress.done)} of ${amount(progress.total)}`,
  );
  if (job.rate && progress.unit === 'bytes') parts.push(`${bytesText(job.rate)}/s`);
  if (job.rate && progress.total) parts.push(`${secondsText((progress.total - progress.done) / job.rate)} left`);
  if (progress.item) parts.push(progress.item);
  return parts.join(' · ');
}

/** The share that is done, as in "62 %"; empty where the whole is not known. */
export function percentText({ progress }: JobSnapshot): string {
  return progress?.total ? `${Math.floor((100 * progress.done) / progress.total)} %` : '';
}

/** Seconds as people read them: "2 min 10 s". */
export function secondsText(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
