/** A frame with more characters is refused and closes the connection: no honest side sends one. */
export const maxFrameChars: number = 4 * 1024 * 1024;
