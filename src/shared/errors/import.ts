/** Errors of the area import. */
export const importErrors = {};
