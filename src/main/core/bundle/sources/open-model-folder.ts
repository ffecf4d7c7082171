import { resolve } from 'node:path';
import { boundedText } from '../../../../shared/bounded-text.ts';
import type { ModelPathSpec } from '../../../../shared/bundle-spec.ts';
import { AppError, appError } from '../../../../shared/errors/app-error.ts';
import { steps } from '../../../../shared/errors/define.ts';
import { plainLine } from '../../../../shared/plain-text.ts';
import type { SourceFile } from '../../files/source-folder.ts';
import { type Asked, readModelFolder } from '../../weights/folder/read-model-folder.ts';
import { spareFiles } from '../../weights/folder/spare-files.ts';
import type { BundleContent } from '../format/format.ts';

/** A model's files as they are packed. */
export interface OpenModelFolder {
  root: string;
  files: SourceFile[];
  /** Name of the file that a server opens, if it is a GGUF. */
  served: string | undefined;
  /** The first finding that would refuse the model, when it is packed for a reason. */
  packedAnyway?: BundleContent['packedAnyway'];
  /** What the packer should know. */
  notes: string[];
}

/**
 * Lists the files of a model to pack. `headersOnly` as in `Asked`; `reword` gets each sentence about the folder that is kept or shown.
 * Throws what `readModelFolder` throws and, unless the description has a reason to pack it anyway, what its findings refuse.
 */
export async function openModelFolder(
  spec: ModelPathSpec,
  folder: string,
  { reword = (sentence) => sentence, ...how }: Pick<Asked, 'headersOnly'> & { reword?(sentence: string): string } = {},
): Promise<OpenModelFolder> {
  const asked = resolve(folder, spec.path);
  const judged = await readModelFolder(asked, { ...how, serve: spec.serve, namedIn: 'BUNDLE.yaml' });
  const refused = judged.findings.find((one) => one.severity === 'refuse')?.error;
  if (refused && spec.packAnyway === undefined) throw withWayRound(asSourceError(refused), spec.name);
  const { root, files, served, findings } = judged;
  const { path } = judged.folder;
  // What no engine can load travels whole: which of its forms is the good one is not known.
  const spare = new Set(refused ? [] : spareFiles(judged.folder)?.names);
  return {
    root,
    files: files.filter((file) => !spare.has(file.name)),
    served: served?.name,
    ...(refused &&
      spec.packAnyway && {
        packedAnyway: { reason: spec.packAnyway, problem: boundedText(plainLine(reword(refused.message))) },
      }),
    notes: [
      ...(path === asked ? [] : [`Packing the snapshot ${path}`]),
      ...findings.map((one) => one.error.message),
    ].map(reword),
  };
}

/* Behind the air gap a damaged GGUF is imported again; here it is downloaded again. */
function asSourceError(thrown: AppError): AppError {
  if (thrown.code !== 'serving.gguf-invalid') return thrown;
  const { path, problem } = thrown.wire.details;
  return appError('pack.unusable-weights', { path: String(path), reason: String(problem) }, thrown);
}

/**
 * Adds the remedy of whoever packs it all the same, for an engine that Sealift does not know or for a repair on the other side. The
 * detail `content` tells a form which of its models may be packed so.
 */
function withWayRound(error: AppError, content: string): AppError {
  const anyway =
    'To pack it as it is, add the reason to this content of BUNDLE.yaml, such as packAnyway: "…". The report keeps it.';
  const { wire } = error;
  const details = { ...wire.details, content };
  return new AppError({ ...wire, details, remedies: [...wire.remedies, steps(anyway)] }, error.cause);
}
