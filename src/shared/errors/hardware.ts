/** Errors of the area hardware. */
export const hardwareErrors = {};
