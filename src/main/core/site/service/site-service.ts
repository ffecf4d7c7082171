import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { listedPart } from '../../../../shared/model-sites.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { writeWhole } from '../../files/write-whole.ts';
import { processStart } from '../../processes/identity.ts';
import { startMs } from '../../serving/parts/longest-read.ts';
import {
  frontedModels,
  neededParts,
  type ServicePlan,
  type ServiceState,
  silenceFigure,
} from '../../serving/parts/parts.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import { HungModel } from './hung-model.ts';
import { ensureSalt, keyPrints } from './key-prints.ts';
import { limitOpenLog } from './part-log.ts';
import { SupervisedPart } from './supervised-part.ts';

const everyMs = 2000;

/** How the service of a site is run. */
export interface SiteServiceOptions {
  plan: ServicePlan;
  planSha256: string;
  paths: SitePaths;
  /** The folder of the built part entries, `part-<kind>.js`. */
  entries: string;
  /** Restarts the containers of the site's model server, or of the one of `part`, as `HungModelOptions`. */
  restartModel(signal: AbortSignal, part?: string): Promise<string[]>;
  /** Receives each line of the service's log. */
  say(line: string): void;
  /** Called when the site's folder is gone and there is nothing left to serve. */
  onOrphaned(): void;
}

/** Runs all parts of a site in the plan's order and reports their states in the state file. */
export class SiteService {
  readonly #options: SiteServiceOptions;
  readonly #parts: SupervisedPart[] = [];
  readonly #models: { part?: string; hung: HungModel }[];
  readonly #startedAt = new Date().toISOString();
  #processStart = '';
  #tick: NodeJS.Timeout | undefined;
  #isStopping = false;
  #reloads = 0;
  #restart: { since: string; part?: string } | undefined;
  #lastRestart: Promise<unknown> = Promise.resolve();
  #isDirty = false;
  #writing: Promise<void> | undefined;

  constructor(options: SiteServiceOptions) {
    this.#options = options;
    const { plan, paths, entries, say } = options;
    // What hangs has ten minutes of its own.
    const loadMs = Math.max(0, plan.startTimeoutMs - startMs);
    this.#models = watchedModels(plan).map(({ figure, part }) => {
      const restart = (signal: AbortSignal) => this.#restartModel(signal, part);
      return {
        ...(part !== undefined && { part }),
        hung: new HungModel({ restart, loadMs, figure, say }),
      };
    });
    for (const config of plan.parts) {
      const needed = neededParts(config);
      this.#parts.push(
        new SupervisedPart({
          config,
          entry: join(entries, `part-${config.kind}.js`),
          logPath: join(paths.logs, `${config.name}.log`),
          startTimeoutMs: plan.startTimeoutMs,
          keys: () => keyPrints(paths.secrets, config),
          upstreams: this.#parts.filter(({ name }) => needed.includes(name)),
          changed: () => this.#changed(),
        }),
      );
    }
  }

  /** Starts the parts side by side; one that does not start holds up only those that need it. */
  async start(): Promise<void> {
    await makeFolder(this.#options.paths.logs, 0o700);
    await ensureSalt(this.#options.paths.secrets);
    this.#processStart = await processStart(process.pid);
    this.#changed();
    this.#tick = setInterval(() => void this.#measure(), everyMs);
    if (!this.#isStopping) for (const part of this.#parts) part.start();
  }

  /** Restarts parts that failed, do not answer, or read changed keys; then counts the reload in the state file. */
  async reload(): Promise<void> {
    await ensureSalt(this.#options.paths.secrets);
    if (!this.#isStopping) await Promise.all(this.#parts.map((part) => part.refresh()));
    this.#reloads += 1;
    this.#changed();
  }

  /** Stops the parts, the last one first, waits for a restart of the model server, and records that they are stopped. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#tick);
    // Who stops it takes a state that no longer changes for a service that hangs.
    const alive = setInterval(() => this.#changed(), everyMs);
    const modelsLeft = Promise.all(this.#models.map(({ hung }) => hung.stop()));
    for (const part of [...this.#parts].reverse()) await part.stop();
    await modelsLeft;
    clearInterval(alive);
    await this.#writing;
    await this.#write();
  }

  /** One after another: the state file names one restart, for whoever stops the site after this process was killed. */
  #restartModel(signal: AbortSignal, part: string | undefined): Promise<string[]> {
    const restart = this.#lastRestart.then(() => this.#restartNow(signal, part));
    this.#lastRestart = restart.catch(() => undefined);
    return restart;
  }

  async #restartNow(signal: AbortSignal, part: string | undefined): Promise<string[]> {
    if (signal.aborted) return [];
    this.#restart = { since: new Date().toISOString(), ...(part !== undefined && { part }) };
    // Written first: who stops the site after this process was killed must know what the engine is about to start.
    this.#changed();
    await this.#writing;
    try {
      return await this.#options.restartModel(signal, part);
    } finally {
      this.#restart = undefined;
      this.#changed();
    }
  }

  async #measure(): Promise<void> {
    await Promise.all(this.#parts.map((part) => part.measure()));
    for (const { state } of this.#parts) for (const { hung } of this.#models) hung.look(state.value?.measured ?? {});
    await limitOpenLog(join(this.#options.paths.logs, 'service.log')).catch(() => undefined);
    if (!(await stat(this.#options.paths.folder).catch(() => undefined))) this.#options.onOrphaned();
    this.#changed();
  }

  // One write at a time; the next one includes what changes meanwhile.
  #changed(): void {
    this.#isDirty = true;
    this.#writing ??= this.#writeUntilClean().finally(() => {
      this.#writing = undefined;
    });
  }

  async #writeUntilClean(): Promise<void> {
    while (this.#isDirty) {
      this.#isDirty = false;
      await this.#write();
    }
  }

  async #write(): Promise<void> {
    const { plan, planSha256, paths, say } = this.#options;
    const state: ServiceState = {
      version: 1,
      site: plan.site,
      pid: process.pid,
      processStart: this.#processStart,
      planSha256,
      startedAt: this.#startedAt,
      updatedAt: new Date().toISOString(),
      reloads: this.#reloads,
      ...hangsOf(this.#models),
      ...(this.#restart && {
        modelRestartSince: this.#restart.since,
        ...(this.#restart.part !== undefined && { modelRestartPart: this.#restart.part }),
      }),
      parts: this.#parts.flatMap((part) => part.state.value ?? []),
    };
    // A full disk must not stop serving; the state is written again soon.
    await writeWhole(paths.serviceState, `${JSON.stringify(state)}\n`, { durable: false }).catch((error) =>
      say(`cannot write ${paths.serviceState}: ${(error as Error).message}`),
    );
  }
}

/** The model servers that may be containers: those that no part of the service is. Of several, each has a part of its own. */
function watchedModels({ parts }: ServicePlan): { figure: string; part?: string }[] {
  const models = parts.flatMap((part) => (part.kind === 'front' ? frontedModels(part) : []));
  const areSeveral = models.length > 1;
  return models
    .filter(({ upstream }) => 'url' in upstream)
    .map((model) => {
      const figure = silenceFigure(model, areSeveral);
      return areSeveral ? { figure, part: listedPart(model.servedName) } : { figure };
    });
}

function hangsOf(
  models: readonly { part?: string; hung: HungModel }[],
): Pick<ServiceState, 'modelHangs' | 'modelHangsOf'> {
  const modelHangs = models.find(({ part }) => part === undefined)?.hung.hangs;
  const of = models.flatMap(({ part, hung }) =>
    part !== undefined && hung.hangs ? [[part, hung.hangs] as const] : [],
  );
  return { ...(modelHangs && { modelHangs }), ...(of.length > 0 && { modelHangsOf: Object.fromEntries(of) }) };
}
