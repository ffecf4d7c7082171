/** Errors of the area site. */
export const siteErrors = {};
