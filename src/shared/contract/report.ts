/** To be filled by the area report. */
export const report = {};
