import type { Engine } from '../engine/connect-engine.ts';
import type { NetworkSpec } from '../engine/networks-and-volumes.ts';
import type { LocalImage, PlannedContainer } from '../engine/planned-container.ts';
import type { OllamaModel } from './containers/ollama-model.ts';
import type { SecretKind } from './site-secret.ts';

/** What a step makes; each kind has its check, apply and verify in `step-actions.ts`. */
export type StepTarget =
  | { kind: 'port'; host: string; port: number; part: string }
  | { kind: 'folder'; path: string; mode?: number }
  | { kind: 'secret'; path: string; name: string; secret: SecretKind }
  | { kind: 'file'; path: string; content: string; mode?: number }
  | { kind: 'image'; image: LocalImage }
  | { kind: 'network'; network: NetworkSpec }
  | { kind: 'volume'; volume: string }
  | { kind: 'container'; run: 'remove'; engine: Engine; containerId: string }
  | { kind: 'container'; run: 'ensure'; planned: PlannedContainer }
  | { kind: 'container'; run: 'ollama-model'; server: PlannedContainer; ollamaModel: OllamaModel }
  | { kind: 'container'; run: 'reach-front'; planned: PlannedContainer; url: string; port: number }
  | { kind: 'process'; run: 'service' }
  | { kind: 'process'; run: 'part'; part: string }
  | { kind: 'process'; run: 'front-health'; url: string };

/** One thing that deploy makes and uninstall removes. `what` names it exactly: path and mode, or host and port. */
export type Step = { id: string; title: string; what: string; simulated: boolean } & StepTarget;
