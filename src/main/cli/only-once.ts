import { InvalidArgumentError } from 'commander';

/** Parses an option that may be given once: Commander itself would keep only the last value. */
export function onlyOnce(option: string, instead: string): (value: string, before: string | undefined) => string {
  return (value, before) => {
    if (before === undefined) return value;
    throw new InvalidArgumentError(`${option} takes one value; ${instead}`);
  };
}
