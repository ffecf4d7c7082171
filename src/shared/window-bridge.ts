/**
 * The only thing that the desktop window exposes to the page, as `window.sealift`: a channel for texts to and from the core. An empty text
 * from the page starts a connection (and ends the previous one). An empty text back confirms it; each later one means that it ended.
 */
export interface WindowBridge {
  /** Sends a frame; throws if it is not a text or is longer than `maxFrameChars`. */
  send(text: string): void;
  /** Sets the receiver of incoming texts, replacing the previous one. */
  onFrame(receive: (text: string) => void): void;
}
