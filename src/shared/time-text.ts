/** A moment as the terminal, the window and the report write it, whatever the place: "2026-11-21 16:08 UTC". */
export function timeText(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}
