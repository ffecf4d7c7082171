/** Errors of the area gitlab. */
export const gitlabErrors = {};
