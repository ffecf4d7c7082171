/** Errors of the area probe. */
export const probeErrors = {};
