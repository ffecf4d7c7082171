/** Errors of the area serving. */
export const servingErrors = {};
