/** To be filled by the area models. */
export const models = {};
