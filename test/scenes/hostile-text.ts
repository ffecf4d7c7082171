/** Characters that reorder text. They must never be shown. */
export const turning = /[\u202a-\u202e\u2066-\u2069]/;

/** A hostile name: markup, a character that reorders text, and great length. */
export const hostile = `<img src=x onerror=alert(1)><script>alert(1)</script>\u202e ${'long '.repeat(60)}`;
