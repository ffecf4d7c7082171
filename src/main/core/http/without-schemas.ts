import type { FastifyServerOptions } from 'fastify';

const refuse = () => {
  throw new Error('a route has a JSON schema, whose compilers are not in the build');
};

/**
 * What every server gives fastify: no route has a JSON schema, since zod checks what comes in. The compilers of such schemas are
 * not in the build, because reading them delays the start of each server.
 */
export const withoutSchemas: Pick<FastifyServerOptions, 'schemaController'> = {
  schemaController: { compilersFactory: { buildValidator: refuse, buildSerializer: refuse } },
};
