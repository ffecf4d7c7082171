/** A field of the site file that does not fit the others: where, and what would be right. */
export interface RuleProblem {
  path: (string | number)[];
  expected: string;
}
