/** To be filled by the area imports. */
export const imports = {};
