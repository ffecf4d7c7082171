import { bytesText } from '../../shared/bytes-text.ts';
import { isEnded, type JobEvent, type JobSnapshot, reduceJob } from '../../shared/jobs.ts';

/** Where progress goes: a terminal gets one line that changes, anything else a line per step and at least one each 5 s. */
export interface ProgressOut {
  isTerminal: boolean;
  write(text: string): void;
}

const quietMs = 5000;

/** Shows a job's events to people, on stderr. */
export class ProgressLines {
  readonly #out: ProgressOut;
  #job: JobSnapshot | undefined;
  #lastLineAt = Date.now();
  #isLineOpen = false;

  constructor(out: ProgressOut) {
    this.#out = out;
  }

  show(event: JobEvent): void {
    this.#job = reduceJob(this.#job, event);
    if (event.type === 'step') this.#line(`◐ ${event.title}`);
    else if (event.type === 'log') this.#line(`  ${event.line}`);
    else if (event.type === 'warning') this.#line(`▲ ${event.line}`);
    else if (event.type === 'cancelling') this.#line('◐ stopping');
    else if (event.type === 'progress') this.#progress(this.#job);
    if (isEnded(this.#job)) this.#endLine();
  }

  #progress(job: JobSnapshot): void {
    const text = `  ${progressText(job)}`;
    if (this.#out.isTerminal) {
      this.#out.write(`\r\x1b[K${text}`);
      this.#isLineOpen = true;
    } else if (Date.now() - this.#lastLineAt >= quietMs) this.#line(text);
  }

  #line(text: string): void {
    this.#endLine();
    this.#out.write(`${text}\n`);
    this.#lastLineAt = Date.now();
  }

  #endLine(): void {
    if (this.#isLineOpen) this.#out.write('\r\x1b[K');
    this.#isLineOpen = false;
  }
}

/** One line of progress: share, amounts, rate and time left; what was not measured is not shown. */
export function progressText(job: JobSnapshot): string {
  const progress = job.progress;
  if (!progress) return '';
  const amount = (value: number) => (progress.unit === 'bytes' ? bytesText(value) : String(value));
  const parts: string[] = [];
  if (progress.total) parts.push(`${Math.floor((100 * progress.done) / progress.total)} %`);
  parts.push(
    progress.total === undefined ? amount(progress.done) : `${amount(progress.done)} of ${amount(progress.total)}`,
  );
  if (job.rate && progress.unit === 'bytes') parts.push(`${bytesText(job.rate)}/s`);
  if (job.rate && progress.total) parts.push(`${secondsText((progress.total - progress.done) / job.rate)} left`);
  if (progress.item) parts.push(progress.item);
  return parts.join(' · ');
}

/** Seconds as people read them: "2 min 10 s". */
export function secondsText(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
