/** Every answer of a stand-in carries this header; its value names what it plays. */
export const simulatedHeader = 'x-sealift-simulated';
