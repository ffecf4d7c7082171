/** To be filled by the area rehearse. */
export const rehearse = {};
