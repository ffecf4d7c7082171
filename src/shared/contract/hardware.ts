/** To be filled by the area hardware. */
export const hardware = {};
