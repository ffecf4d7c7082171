/** True for the step of a plan that a person names by its id or its number. Steps of older results have no number. */
export function isStep(step: { id: string; number?: number | undefined }, named: string): boolean {
  return step.id === named || String(step.number) === named;
}
