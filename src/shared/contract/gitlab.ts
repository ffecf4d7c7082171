/** To be filled by the area gitlab. */
export const gitlab = {};
