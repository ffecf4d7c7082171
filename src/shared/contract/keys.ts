/** To be filled by the area keys. */
export const keys = {};
