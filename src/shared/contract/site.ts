/** To be filled by the area site. */
export const site = {};
