import { setTimeout as sleep } from 'node:timers/promises';
import { redact } from '../../../../shared/errors/app-error.ts';
import { type Hangs, oneMoreHang } from '../../../../shared/part-health.ts';
import { stalledAfterSeconds } from '../../serving/parts/silent-part.ts';

const retryMs = 60_000;
/** Longer than an engine needs for one that hangs, and below the 45 s after which a service that stops is killed. */
const usualLimitMs = 40_000;

/** How a model server in containers is restarted. */
export interface HungModelOptions {
  /** Restarts its containers and returns their names; none when it is not ours. After an abort it begins with no other one. */
  restart(signal: AbortSignal): Promise<string[]>;
  /** How long it may take to load its model, which some do at the first request. */
  loadMs(): number;
  /** How long a restart may take before it counts as failed. The engine may still finish it. */
  limitMs?: number;
  /** The front's figure of its silence. */
  figure: string;
  say(line: string): void;
}

/** Restarts a model server in containers that hangs: the front has waited for ten minutes, and as long as loading takes, without a byte. */
export class HungModel {
  readonly #options: HungModelOptions;
  #notBefore = 0;
  #restarting: Promise<void> | undefined;
  #hangs: Hangs | undefined;
  readonly #stop = new AbortController();

  constructor(options: HungModelOptions) {
    this.#options = options;
  }

  get #limitSeconds(): number {
    return stalledAfterSeconds + this.#options.loadMs() / 1000;
  }

  /** Its restarts so far; undefined for none. */
  get hangs(): Hangs | undefined {
    return this.#hangs;
  }

  /** Looks at the front's figures, and restarts the model server in the background, never more often than the limit. Never throws. */
  look(measured: Record<string, number | string | boolean>): void {
    const silentSeconds = Number(measured[this.#options.figure] ?? 0);
    if (this.#stop.signal.aborted) return;
    if (silentSeconds < this.#limitSeconds || this.#restarting || performance.now() < this.#notBefore) return;
    this.#restarting = this.#restart(silentSeconds).finally(() => {
      this.#restarting = undefined;
    });
  }

  /** Resolves when no restart is in progress. */
  async idle(): Promise<void> {
    await this.#restarting;
  }

  /** From then on no restart is begun. Resolves when the one in progress has ended or has reached its limit. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.idle();
  }

  async #restart(silentSeconds: number): Promise<void> {
    const { restart, limitMs = usualLimitMs, say } = this.#options;
    const over = new AbortController();
    let pauseMs = this.#limitSeconds * 1000;
    try {
      const late = sleep(limitMs, undefined, { signal: over.signal }).then(() => {
        throw new Error(`the container engine did not finish within ${limitMs / 1000} s`);
      });
      const names = await Promise.race([restart(this.#stop.signal), late]);
      const sign = `sent nothing for ${silentSeconds} s`;
      for (const name of names) say(`restarted ${name}: it ${sign}`);
      if (names.length > 0) this.#hangs = oneMoreHang(this.#hangs, sign);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      say(`cannot restart the model server, which sent nothing for ${silentSeconds} s: ${redact(String(error))}`);
      pauseMs = retryMs;
    } finally {
      over.abort();
    }
    this.#notBefore = performance.now() + pauseMs;
  }
}
