/** The name of our front inside the gateway's container; an entry of its hosts file. */
export const frontName = 'sealift-front';
