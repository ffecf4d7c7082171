/** Errors of the area report. */
export const reportErrors = {};
