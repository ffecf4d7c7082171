import type { Engine } from '../../engine/connect-engine.ts';
import type { SiteMark } from '../../engine/labels.ts';
import type { NetworkSpec } from '../../engine/networks-and-volumes.ts';
import type { LocalImage, PlannedContainer } from '../../engine/planned-container.ts';
import type { CorePorts } from '../../ports.ts';
import type { StoredVariant } from '../../serving/variants/stored-variants.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import type { SecretKind } from '../../sites/site-secret.ts';
import type { Work } from '../../work.ts';
import type { LogFolder } from '../containers/log-folder.ts';
import type { OllamaModel } from '../containers/ollama-model.ts';
import type { ContainerPlan } from '../containers/plan-containers.ts';
import type { WantedService } from '../service/service-plan.ts';

/** What a step makes. `step-actions.ts` has the check, apply and verify of each kind. */
export type StepTarget =
  | { kind: 'port'; host: string; port: number; part: string; containers: ContainerPlan | null }
  | { kind: 'folder'; path: string; mode?: number }
  | { kind: 'log-folder'; folder: LogFolder }
  | { kind: 'secret'; path: string; name: string; secret: SecretKind }
  | { kind: 'file'; path: string; content: string; mode?: number }
  | { kind: 'package'; variant: StoredVariant }
  | { kind: 'image'; image: LocalImage }
  | { kind: 'network'; engine: Engine; network: NetworkSpec }
  | ({ kind: 'volume'; volume: string } & InEngine)
  | { kind: 'container'; run: 'remove'; engine: Engine; containerId: string }
  | ({ kind: 'container'; run: 'ensure' } & Ensured & InEngine)
  | ({ kind: 'container'; run: 'ollama-model'; ollamaModel: OllamaModel } & OllamaServer & InEngine)
  | ({ kind: 'container'; run: 'reach-front'; planned: PlannedContainer; url: string; port: number } & InEngine)
  | { kind: 'process'; run: 'service' }
  | { kind: 'process'; run: 'part'; part: string }
  | { kind: 'process'; run: 'front-health'; url: string };

/** The engine that a step works in, and the mark of what it makes there. */
export interface InEngine {
  engine: Engine;
  mark: SiteMark;
}

/** A container that has to run, and the networks that it joins. */
interface Ensured {
  planned: PlannedContainer;
  networks: NetworkSpec[];
  /** The site's model servers that start after it. One that changes gives up its address and its GPUs first. */
  later: PlannedContainer[];
}

/** The container that keeps Ollama's models, and its volumes. */
interface OllamaServer {
  server: PlannedContainer;
  volumes: string[];
}

/** One thing that deploy makes and uninstall removes. `what` identifies it exactly: path and mode, or host and port. */
export type Step = { id: string; title: string; what: string; simulated: boolean } & StepTarget;

/** Builds a step. */
export function step(id: string, title: string, what: string, target: StepTarget, simulated = false): Step {
  return { id, title, what, simulated, ...target };
}

/** What a step's check finds: it exists as wanted, it is missing, or it exists but differs. */
export type StepState = 'exists' | 'will-be-made' | 'will-change';

/** The result of a check: the state alone, or with the reason for a change, in words. */
export type Checked = StepState | { state: StepState; why: string };

/** A step with what its check found. */
export interface CheckedStep {
  step: Step;
  state: StepState;
  why?: string;
}

/** What the steps of one deployment work with. */
export interface StepContext {
  ports: Pick<CorePorts, 'node' | 'workers'>;
  paths: SitePaths;
  site: string;
  service: WantedService;
  /** Secrets that are being generated already, by the path of their file. */
  secrets: ReadonlyMap<string, Promise<string>>;
  work: Work;
}

/** How one kind of step is checked, applied and verified. `check` changes nothing; `verify` returns what is wrong. */
export interface StepAction<S> {
  check(step: S, context: StepContext): Promise<Checked>;
  apply(step: S, context: StepContext): Promise<void>;
  verify(step: S, context: StepContext): Promise<string | undefined>;
}

/** The steps of one kind. */
export type StepOf<K extends Step['kind']> = Extract<Step, { kind: K }>;
