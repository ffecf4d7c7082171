import { spec, steps } from './define.ts';

/** Errors of the area serving. */
export const servingErrors = {
  'serving.port-in-use': spec<{ host: string; port: number }>({
    exitCode: 3,
    message: ({ host, port }) => `${host}:${port} is taken.`,
    remedies: ({ port }) => [steps(`See who listens there: ss -ltnp 'sport = :${port}'`)],
  }),
};
