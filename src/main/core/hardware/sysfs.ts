/** Returns how many numbers a kernel list such as `0-3,8` contains; null if it is malformed. */
export function countListed(text: string): number | null {
  if (!/^\d{1,6}(-\d{1,6})?(,\d{1,6}(-\d{1,6})?)*\s*$/.test(text)) return null;
  const counts = text
    .trim()
    .split(',')
    .map((part) => {
      const [from, to] = part.split('-').map(Number);
      return (to ?? from ?? 0) - (from ?? 0) + 1;
    });
  return counts.every((one) => one > 0) ? counts.reduce((sum, one) => sum + one, 0) : null;
}

/** Returns the number in a file that contains one number; null if it contains something else. */
export function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}\s*$/.test(text) ? Number(text) : null;
}
