/** To be filled by the area bundle. */
export const bundle = {};
