/** Formats a time for the terminal, the window and the report, in any time zone: "2026-11-21 16:08 UTC". */
export function timeText(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}
