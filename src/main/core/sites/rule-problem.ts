/** A field of the site file that conflicts with others, and what is expected. */
export interface RuleProblem {
  path: (string | number)[];
  expected: string;
}
