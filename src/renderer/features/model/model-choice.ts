/** The most that the wizard takes. */
const mostPeople = 100_000;

/** The people that a typed number stands for, 1 to 100,000; undefined while no number is typed. */
export function peopleOf(typed: number | string): number | undefined {
  const count = Math.round(Number(typed));
  if (String(typed).trim() === '' || Number.isNaN(count)) return undefined;
  return Math.min(Math.max(count, 1), mostPeople);
}

/** The model to show after a new ranking: what was shown because it was recommended gives way to what is recommended now. */
export function shownAfter(now: {
  shownId: string | undefined;
  chosenId: string | undefined;
  before: string | undefined;
  after: string | undefined;
}): string | undefined {
  const { shownId, chosenId, before, after } = now;
  const isPicked = shownId !== undefined && (shownId !== before || shownId === chosenId);
  return isPicked ? shownId : after;
}
