/**
 * What the page finds as `window.sealift` in the desktop window, and all it finds: a way for texts to and from the core. An empty text
 * from the page begins a connection (and ends the one before); the same coming back says that it stands, and each later one that it ended.
 */
export interface WindowBridge {
  /** Sends a frame; throws for what is none or is longer than `maxFrameChars`. */
  send(text: string): void;
  /** Says who takes what comes; the one before is forgotten. */
  onFrame(receive: (text: string) => void): void;
}
