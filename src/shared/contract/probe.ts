/** To be filled by the area probe. */
export const probe = {};
