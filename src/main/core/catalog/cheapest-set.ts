import type { ModelFeature } from '../../../shared/contract/models.ts';
import { bestFirst } from '../../../shared/estimate/device.ts';
import { doesFit } from '../../../shared/estimate/estimate-memory.ts';
import { type ModelPlan, plansOf, type Wanted } from '../../../shared/estimate/plan-model.ts';
import { vllmGpus } from '../../../shared/estimate/vllm-gpus.ts';
import type { Machine } from '../../../shared/machine.ts';
import { modelsOf, sizeOf } from './list-models.ts';
import type { CatalogModel, ModelCatalog } from './model-catalog.ts';
import type { ChosenPage } from './page-for-version.ts';
import { type JudgedPlan, rankPlans } from './rank-plans.ts';
import { tierRank } from './support-tier.ts';

/** One model of a set: the features that it serves, how, and on which GPUs of the machine, by index; none: in main memory. */
export interface SetMember {
  features: ModelFeature[];
  judged: JudgedPlan;
  gpus: number[];
}

/** What a set must cover, and the machine that all its models share. */
export interface SetQuestion {
  catalog: ModelCatalog;
  chosen: ChosenPage;
  machine: Machine;
  features: readonly ModelFeature[];
  needs?: Wanted | undefined;
}

/* The rules in order: the first one that distinguishes two sets decides. Smaller is better. */
const rules: readonly { words: string; key(set: readonly SetMember[]): number; grows: boolean }[] = [
  {
    words: 'Sets of models that GitLab supports for their features come before sets with one that is only compatible.',
    key: (set) => Math.max(...set.map(({ judged }) => tierRank(judged.support.tier))),
    grows: true,
  },
  {
    words: 'Sets that answer in time come before sets with a slow model.',
    key: (set) => Number(set.some(({ judged }) => judged.plan.isSlow)),
    grows: true,
  },
  {
    words: 'Sets with fewer models in main memory, without a GPU, come first.',
    key: (set) => set.filter(({ gpus }) => gpus.length === 0).length,
    grows: true,
  },
  {
    words: 'Sets that fit comfortably come before sets with a model that fits tightly.',
    key: (set) => Number(set.some(({ judged }) => judged.plan.estimate.verdict === 'fits-tight')),
    grows: true,
  },
  {
    words: 'Sets on fewer GPUs come first.',
    key: (set) => sum(set, ({ gpus }) => gpus.length),
    grows: true,
  },
  {
    words: 'Each feature scores 3 for full functionality, 2 for partial, 1 for being listed. Higher scores come first.',
    key: (set) => -sum(set, ({ judged }) => judged.score),
    grows: false,
  },
  { words: 'Sets of fewer models come first.', key: (set) => set.length, grows: false },
  {
    words: 'Sets that need less memory come first.',
    key: (set) => sum(set, bytesOf),
    grows: false,
  },
];

/** The rules by which a set is the cheapest, in their order, for people to read. */
export const setRules: readonly string[] = rules.map((one) => one.words);

/**
 * Returns the cheapest set of self-hosted models, by `setRules`, that together cover the features by GitLab's page, in ways that it
 * supports or counts as compatible, and fit the machine side by side: no GPU is used by two, and what runs in main memory shares it. Undefined if there is none.
 */
export function cheapestSet(question: SetQuestion): SetMember[] | undefined {
  return new SetSearch(question).find(subsets);
}

/** Returns the cheapest way to cover all the features with one model, as `cheapestSet` does; undefined if no model can. */
export function cheapestAlone(question: SetQuestion): SetMember | undefined {
  return new SetSearch(question).find((all) => [[...all]])?.[0];
}

/** What earlier models of a set leave. `memoryBytes` is undefined until one of them takes some: then a model's own verdict counts. */
interface Left {
  gpus: number[];
  memoryBytes?: number;
}

type Split = (open: readonly ModelFeature[]) => ModelFeature[][];

class SetSearch {
  readonly #question: SetQuestion;
  readonly #plans = new Map<string, ModelPlan[]>();
  readonly #fitting = new Map<string, SetMember[]>();
  #best: SetMember[] | undefined;

  constructor(question: SetQuestion) {
    this.#question = question;
  }

  find(split: Split): SetMember[] | undefined {
    const { machine, needs, features } = this.#question;
    const { devices } = vllmGpus({ gpus: machine.gpus, links: machine.gpuLinks }, needs?.hasRocmImage);
    this.#extend([], features, { gpus: bestFirst(devices).flatMap(({ index }) => index ?? []) }, split);
    return this.#best;
  }

  #extend(set: SetMember[], open: readonly ModelFeature[], left: Left, split: Split): void {
    if (this.#best && set.length > 0 && compare(set, this.#best, open.length > 0) >= 0) return;
    if (open.length === 0) {
      this.#best = set;
      return;
    }
    for (const features of split(open)) {
      const rest = open.filter((one) => !features.includes(one));
      for (const member of this.#members(features, left))
        this.#extend([...set, member], rest, this.#without(left, member), split);
    }
  }

  /** The ways to serve these features with one model on what is left that can be part of a cheapest set. */
  #members(features: ModelFeature[], { gpus, memoryBytes }: Left): SetMember[] {
    const places = [0, ...countsUpTo(gpus.length)].map((count) => gpus.slice(0, count));
    const found = places.flatMap((place) => this.#onPlace(features, place));
    return worthTrying(found.filter((one) => memoryBytes === undefined || mostMemory(one) <= memoryBytes));
  }

  /** The ways that use exactly these GPUs, or main memory without any. */
  #onPlace(features: ModelFeature[], gpus: number[]): SetMember[] {
    const key = JSON.stringify([features, gpus]);
    const known = this.#fitting.get(key);
    if (known) return known;
    const { catalog, chosen, machine, needs } = this.#question;
    const waysOf = (model: CatalogModel) => this.#plansOf(model, gpus);
    const found = modelsOf(catalog, chosen, features, 'self-hosted');
    const ranked = rankPlans(found, { catalog, chosen, machine, features, needs, waysOf });
    const members = ranked
      .filter(({ plan, support }) => doesFit(plan.estimate) && support.tier !== 'unsupported')
      .filter(({ plan }) => gpuCount(plan.devices) === gpus.length)
      .map((judged) => ({ features, judged, gpus }));
    const kept = gpus.length > 0 ? worthTrying(members) : members;
    this.#fitting.set(key, kept);
    return kept;
  }

  /** GPUs that are alike need only one estimate. */
  #plansOf(model: CatalogModel, gpus: number[]): ModelPlan[] {
    const { machine, needs } = this.#question;
    const key = JSON.stringify([model.id, gpus.map((at) => machine.gpus[at])]);
    const plans = this.#plans.get(key) ?? plansOf(sizeOf(model), partOf(machine, gpus), needs);
    this.#plans.set(key, plans);
    return plans;
  }

  #without({ gpus, memoryBytes }: Left, member: SetMember): Left {
    const available = memoryBytes ?? this.#question.machine.memory.availableBytes ?? 0;
    const rest = gpus.filter((one) => !member.gpus.includes(one));
    if (member.gpus.length > 0) return { gpus: rest, ...(memoryBytes !== undefined && { memoryBytes }) };
    return { gpus: rest, memoryBytes: Math.max(0, available - mostMemory(member)) };
  }
}

/** Leaves out each way that another one makes useless. */
function worthTrying(members: readonly SetMember[]): SetMember[] {
  return members.filter((one) => !members.some((other) => isDominated(one, other)));
}

/** Compares two sets by the rules. An unfinished set counts as what it at least becomes. */
function compare(set: readonly SetMember[], other: readonly SetMember[], isUnfinished: boolean): number {
  for (const { key, grows } of rules) {
    // What later models make better is left open.
    if (isUnfinished && !grows) return -1;
    const difference = key(set) - key(other);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether another way is better by the rules, and leaves the other models of a set as much as this one. */
function isDominated(one: SetMember, other: SetMember): boolean {
  if (one === other || compare([other], [one], false) >= 0) return false;
  // A set with another model of a lower rank gains nothing by a higher rank of this one, but by what it leaves.
  const isNoWorse = rules.every(({ key, grows }) => !grows || key([other]) <= key([one]));
  return isNoWorse && mostMemory(other) <= mostMemory(one);
}

/** The machine with only these GPUs; main memory counts where there are none. */
function partOf(machine: Machine, gpus: number[]): Machine {
  const { memory, gpuLinks } = machine;
  return {
    ...machine,
    memory: gpus.length === 0 ? memory : { ...memory, availableBytes: null },
    gpus: gpus.flatMap((at) => machine.gpus[at] ?? []),
    gpuLinks: gpuLinks.flatMap(({ from, to, link }) => {
      const [start, end] = [gpus.indexOf(from), gpus.indexOf(to)];
      return start < 0 || end < 0 ? [] : [{ from: start, to: end, link }];
    }),
  };
}

/** All non-empty parts of a list, in its order. */
function subsets<T>(list: readonly T[]): T[][] {
  return Array.from({ length: 2 ** list.length - 1 }, (_, at) => list.filter((_one, place) => ((at + 1) >> place) & 1));
}

/** The numbers of GPUs that are tried: powers of two, and all. */
function countsUpTo(most: number): number[] {
  const powers = [1, 2, 4, 8, 16, 32, 64].filter((one) => one <= most);
  return most === 0 || powers.includes(most) ? powers : [...powers, most];
}

function gpuCount(devices: readonly { kind: string }[]): number {
  return devices.filter(({ kind }) => kind === 'gpu').length;
}

/** The most main memory that a model may take. */
function mostMemory(one: SetMember): number {
  const { interval } = one.judged.plan.estimate;
  return one.gpus.length === 0 ? (interval?.highBytes ?? bytesOf(one)) : 0;
}

function bytesOf({ judged }: SetMember): number {
  return judged.plan.estimate.totalBytes ?? 0;
}

function sum(set: readonly SetMember[], of: (one: SetMember) => number): number {
  return set.reduce((all, one) => all + of(one), 0);
}
