import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { redact } from '../../../../shared/errors/app-error.ts';
import { listedPart } from '../../../../shared/model-sites.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { writeWhole } from '../../files/write-whole.ts';
import { processStart } from '../../processes/identity.ts';
import { startMs } from '../../serving/parts/longest-read.ts';
import {
  frontedModels,
  neededParts,
  type PartConfig,
  type ServicePlan,
  type ServiceState,
  silenceFigure,
} from '../../serving/parts/parts.ts';
import { readServicePlan } from '../../serving/parts/read-service-plan.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import { HungModel } from './hung-model.ts';
import { ensureSalt, keyPrints } from './key-prints.ts';
import { limitOpenLog } from './part-log.ts';
import { type PartState, SupervisedPart, type SupervisedPartOptions } from './supervised-part.ts';

const everyMs = 2000;

/** How the service of a site is run. */
export interface SiteServiceOptions {
  plan: ServicePlan;
  planSha256: string;
  paths: SitePaths;
  /** The folder of the built part entries, `part-<kind>.js`. */
  entries: string;
  /** Of the code in that folder. */
  codeSha256: string;
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
  #plan: ServicePlan;
  #planSha256: string;
  #parts: SupervisedPart[] = [];
  #models: WatchedModel[] = [];
  readonly #startedAt = new Date().toISOString();
  #processStart = '';
  #tick: NodeJS.Timeout | undefined;
  #isStopping = false;
  #reloads = 0;
  #lastReload: Promise<unknown> = Promise.resolve();
  #restart: { since: string; part?: string } | undefined;
  #lastRestart: Promise<unknown> = Promise.resolve();
  #isDirty = false;
  #writing: Promise<void> | undefined;

  constructor(options: SiteServiceOptions) {
    this.#options = options;
    this.#plan = options.plan;
    this.#planSha256 = options.planSha256;
    this.#models = this.#watched([]);
    for (const config of this.#plan.parts) this.#parts.push(new SupervisedPart(this.#partOptions(config, this.#parts)));
  }

  #partOptions(config: PartConfig, parts: readonly SupervisedPart[]): SupervisedPartOptions {
    const { paths, entries } = this.#options;
    const needed = neededParts(config);
    return {
      config,
      entry: join(entries, `part-${config.kind}.js`),
      logPath: join(paths.logs, `${config.name}.log`),
      startTimeoutMs: this.#plan.startTimeoutMs,
      keys: () => keyPrints(paths.secrets, config),
      upstreams: parts.filter(({ name }) => needed.includes(name)),
      changed: () => this.#changed(),
    };
  }

  /** What watches the model servers in containers; those that were watched before stay. */
  #watched(before: readonly WatchedModel[]): WatchedModel[] {
    const { say } = this.#options;
    // What hangs has ten minutes of its own. A later plan may bring a larger model.
    const loadMs = () => Math.max(0, this.#plan.startTimeoutMs - startMs);
    return watchedModels(this.#plan).map(({ figure, part }) => {
      const restart = (signal: AbortSignal) => this.#restartModel(signal, part);
      const known = before.find((one) => one.figure === figure);
      return known ?? { figure, part, hung: new HungModel({ restart, loadMs, figure, say }) };
    });
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

  /**
   * Takes the plan as it is now, whose other parts are started, changed and stopped while the rest serves. Restarts parts that failed, do
   * not answer, or read changed keys; then counts the reload in the state file. One reload after another.
   */
  reload(): Promise<void> {
    const reload = this.#lastReload.then(() => this.#reloadNow());
    this.#lastReload = reload.catch(() => undefined);
    return reload;
  }

  async #reloadNow(): Promise<void> {
    const { paths, say } = this.#options;
    await ensureSalt(paths.secrets);
    const read = await readServicePlan(paths.servicePlan).catch((error: Error) => {
      say(`cannot read the plan again: ${redact(error.message)}`);
    });
    if (read && read.sha256 !== this.#planSha256) await this.#adopt(read.plan, read.sha256);
    if (!this.#isStopping) await Promise.all(this.#parts.map((part) => part.refresh()));
    this.#reloads += 1;
    this.#changed();
  }

  /** Stops what the plan lacks first: it may hold the memory and the port of what is new. */
  async #adopt(plan: ServicePlan, planSha256: string): Promise<void> {
    const stays = ({ name, kind }: PartState) => plan.parts.some((one) => one.name === name && one.kind === kind);
    const [kept, gone] = split(this.#parts, ({ state }) => state.value !== undefined && stays(state.value));
    await Promise.all(gone.map((part) => part.stop()));
    if (this.#isStopping) return;
    this.#plan = plan;
    this.#planSha256 = planSha256;
    const models = this.#watched(this.#models);
    const unwatched = this.#models.filter((one) => !models.includes(one));
    this.#models = models;
    const parts: SupervisedPart[] = [];
    const changes = plan.parts.map((config) => {
      const options = this.#partOptions(config, parts);
      const known = kept.find(({ name }) => name === config.name);
      parts.push(known ?? new SupervisedPart(options));
      return known ? () => known.change(options) : undefined;
    });
    this.#parts = parts;
    for (const part of parts) if (!kept.includes(part)) part.start();
    await Promise.all(changes.map((change) => change?.()));
    await Promise.all(unwatched.map(({ hung }) => hung.stop()));
  }

  /** Stops the parts, the last one first, waits for a restart of the model server, and records that they are stopped. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#tick);
    // Who stops it takes a state that no longer changes for a service that hangs.
    const alive = setInterval(() => this.#changed(), everyMs);
    const modelsLeft = Promise.all(this.#models.map(({ hung }) => hung.stop()));
    // A part that a reload was about to start is there by then, and those that it stops have stopped.
    await this.#lastReload;
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
    const { paths, codeSha256, say } = this.#options;
    const state: ServiceState = {
      version: 1,
      site: this.#plan.site,
      pid: process.pid,
      processStart: this.#processStart,
      planSha256: this.#planSha256,
      codeSha256,
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

interface WatchedModel {
  figure: string;
  part: string | undefined;
  hung: HungModel;
}

function split<T>(all: readonly T[], isFirst: (one: T) => boolean): [first: T[], second: T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}

/** The model servers that may be containers: those that no part of the service is. Of several, each has a part of its own. */
function watchedModels({ parts }: ServicePlan): { figure: string; part: string | undefined }[] {
  const models = parts.flatMap((part) => (part.kind === 'front' ? frontedModels(part) : []));
  const areSeveral = models.length > 1;
  return models
    .filter(({ upstream }) => 'url' in upstream)
    .map((model) => {
      const figure = silenceFigure(model, areSeveral);
      return { figure, part: areSeveral ? listedPart(model.servedName) : undefined };
    });
}

function hangsOf(models: readonly WatchedModel[]): Pick<ServiceState, 'modelHangs' | 'modelHangsOf'> {
  const modelHangs = models.find(({ part }) => part === undefined)?.hung.hangs;
  const of = models.flatMap(({ part, hung }) =>
    part !== undefined && hung.hangs ? [[part, hung.hangs] as const] : [],
  );
  return { ...(modelHangs && { modelHangs }), ...(of.length > 0 && { modelHangsOf: Object.fromEntries(of) }) };
}
