import type { ImportPlan, PlannedPart } from '../../../shared/contract/import-plan.ts';
import type { JobProgress, JobSnapshot } from '../../../shared/jobs.ts';

/** The state of a square on the map. */
export type CellState = 'todo' | 'working' | 'done' | 'bad';

/** A square: a file on a medium, or a range of blocks of a large file. */
export interface Cell {
  part: PlannedPart;
  /** Start of the range in the file. */
  offsetBytes: number;
  sizeBytes: number;
}

/** A damaged place. */
export interface BadPlace {
  /** Label of the medium. */
  medium: string;
  path: string;
  offsetBytes: number;
  lengthBytes: number;
}

type Lane = NonNullable<JobProgress['lanes']>[string];

const blockBytes = 16 * 1024 * 1024;
const wantedCells = 600;

/** Returns the files that an import copies. Leaves out lists and pages, which stay on the media, and images that are left out. */
export function importedParts({ parts, contents }: Pick<ImportPlan, 'parts' | 'contents'>): PlannedPart[] {
  const leftOut = new Set(contents.filter((one) => one.leftOut !== undefined).map((one) => one.name));
  return parts.filter(({ content, copyFromBytes }) =>
    content === undefined ? copyFromBytes !== undefined : copyFromBytes !== undefined || !leftOut.has(content),
  );
}

/** Returns the squares of a bundle in media order: about 600 of equal size, and at least one per file. */
export function makeCells(parts: readonly PlannedPart[]): Cell[] {
  const totalBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  const cellBytes = Math.max(1, Math.ceil(totalBytes / wantedCells / blockBytes)) * blockBytes;
  return parts.flatMap((part) => {
    const count = Math.max(1, Math.ceil(part.sizeBytes / cellBytes));
    return Array.from({ length: count }, (_, index) => {
      const offsetBytes = index * cellBytes;
      return { part, offsetBytes, sizeBytes: Math.min(cellBytes, part.sizeBytes - offsetBytes) };
    });
  });
}

/** What determines the state of the squares. */
export interface CellView {
  contents: ImportPlan['contents'];
  /** The running import or verification. */
  job: JobSnapshot | undefined;
  bad: readonly BadPlace[];
}

/** Returns the state of each square, from the plan, and from the progress of a running job. */
export function cellStates(cells: readonly Cell[], { contents, job, bad }: CellView): CellState[] {
  const byPath = new Map<string, BadPlace[]>();
  for (const place of bad) byPath.set(place.path, [...(byPath.get(place.path) ?? []), place]);
  const working = job ? workingState(job, contents) : undefined;
  return cells.map((cell) => {
    const isBad = byPath.get(cell.part.path)?.some((place) => touches(cell, place));
    return isBad ? 'bad' : (working?.(cell) ?? (cell.part.isHere ? 'done' : 'todo'));
  });
}

function workingState(
  job: JobSnapshot,
  contents: ImportPlan['contents'],
): ((cell: Cell) => CellState | undefined) | undefined {
  const step = job.steps.at(-1)?.id;
  const { done = 0, lanes } = job.progress ?? {};
  if (job.kind === 'bundle.verify')
    return step === 'read' ? (cell) => reached(cell, cell.part.verifyFromBytes, done) : undefined;
  if (step !== 'copy' && step !== 'lay-out') return undefined;
  const copiedBytes = step === 'copy' ? (lanes?.copy?.done ?? done) : Number.POSITIVE_INFINITY;
  const names = contents.map((one) => one.name);
  const now = step === 'copy' ? currentImage(names, lanes?.images) : names.length;
  return (cell) => {
    if (cell.part.copyFromBytes !== undefined) return reached(cell, cell.part.copyFromBytes, copiedBytes);
    if (cell.part.kind !== 'image' || cell.part.isHere) return undefined;
    // The engine decides which layers of an image it pulls at once, so all are shown as working.
    const at = names.indexOf(cell.part.content ?? '');
    return at < now ? 'done' : at === now ? 'working' : 'todo';
  };
}

/** The place among the names of the image that is being brought: before the first one -1, after the last one the end. */
function currentImage(names: readonly string[], lane: Lane | undefined): number {
  const { item, done = 0 } = lane ?? {};
  if (item === undefined) return done > 0 ? names.length : -1;
  return names.findIndex((name) => item === name || item.startsWith(`${name}: `));
}

function reached(cell: Cell, fromBytes: number | undefined, doneBytes: number): CellState | undefined {
  if (fromBytes === undefined) return undefined;
  const start = fromBytes + cell.offsetBytes;
  if (doneBytes >= start + cell.sizeBytes && (cell.sizeBytes > 0 || doneBytes > 0)) return 'done';
  return doneBytes > start ? 'working' : 'todo';
}

function touches(cell: Cell, { offsetBytes, lengthBytes }: BadPlace): boolean {
  const end = cell.offsetBytes + Math.max(1, cell.sizeBytes);
  return offsetBytes < end && offsetBytes + Math.max(1, lengthBytes) > cell.offsetBytes;
}
