import { clientErrors } from './client.ts';
import { errorsFrom } from './errors-from.ts';
import { kernelErrors } from './kernel.ts';

/**
 * Creates an error of the table that whoever asks a core meets without its answer. The page loads only these rows, since
 * the whole table is more code than any of its screens.
 */
export const clientError = errorsFrom({ ...kernelErrors, ...clientErrors });
