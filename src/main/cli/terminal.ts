/** What a command line is run with: the entries that it starts, and where its words go. */
export interface Terminal {
  /** The folder of the built entries. */
  built: string;
  /** Whether a person reads along, who wants to see progress in place. */
  isWatched: boolean;
  out(text: string): void;
  err(text: string): void;
}
