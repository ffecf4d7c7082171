/** The front's name in the hosts file of the gateway's container. */
export const frontName = 'sealift-front';
