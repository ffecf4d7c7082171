import type { CorePorts } from '../ports.ts';
import type { Work } from '../work.ts';
import { type CoreMaker, type InnerCore, openInnerCore } from './inner-core.ts';
import type { EngineMarks, NoDocker, RehearsalEngine } from './rehearsal-engine.ts';
import type { RehearsalFolder } from './rehearsal-folder.ts';

/** The name of the model in bundle, store and site. */
export const modelName = 'rehearsal-model';
/** The version of the simulated GitLab. */
export const gitlabVersion = '18.9';

/** What all parts of one rehearsal work with. */
export interface RehearsalStage extends BareStage {
  /** Where the gateway runs; without an engine it is a process. */
  docker: RehearsalEngine | NoDocker;
}

/** What is known before the rehearsal chooses whether to use Docker. */
export interface BareStage {
  folder: RehearsalFolder;
  marks: EngineMarks;
  ports: CorePorts;
  makeCore: CoreMaker;
  work: Work;
}

/** Opens a core on one side's data folder, uses it, and closes it whatever happens. */
export async function withCore<T>(
  { ports, makeCore, work }: BareStage,
  home: string,
  use: (core: InnerCore) => Promise<T>,
): Promise<T> {
  const core = await openInnerCore(makeCore, ports, home, work);
  try {
    return await use(core);
  } finally {
    await core.close();
  }
}
