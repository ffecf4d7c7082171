/** Returns a number with its noun: "1 block", "3 blocks". */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
