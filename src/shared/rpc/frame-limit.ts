/** Maximum characters in a frame. A longer one is rejected and closes the connection, because Sealift never sends one. */
export const maxFrameChars: number = 4 * 1024 * 1024;
