import { randomBytes } from 'node:crypto';

/** A name that no other run has, on an engine that others use and on which a killed run may have left things. */
export const ownName = (name: string) => `${name}-${randomBytes(3).toString('hex')}`;
