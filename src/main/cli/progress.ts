import { isEnded, type JobEvent, type JobSnapshot, reduceJob } from '../../shared/jobs.ts';
import { plainLine } from '../../shared/plain-text.ts';
import { progressText } from '../../shared/progress-text.ts';

/** Output for progress. A terminal gets one line that is updated; anything else gets a line per step, and progress at most every 5 s. */
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
    const text = `  ${plainLine(progressText(job))}`;
    if (this.#out.isTerminal) {
      this.#out.write(`\r\x1b[K${text}`);
      this.#isLineOpen = true;
    } else if (Date.now() - this.#lastLineAt >= quietMs) this.#line(text);
  }

  #line(text: string): void {
    this.#endLine();
    this.#out.write(`${plainLine(text)}\n`);
    this.#lastLineAt = Date.now();
  }

  #endLine(): void {
    if (this.#isLineOpen) this.#out.write('\r\x1b[K');
    this.#isLineOpen = false;
  }
}
