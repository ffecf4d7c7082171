/** Errors of the area bundle. */
export const bundleErrors = {};
