import { main } from './main.ts';

// A reader that goes away (`| head`) must not end the work: what was begun is finished and cleaned up.
for (const out of [process.stdout, process.stderr]) out.on('error', () => undefined);

process.exitCode = await main(process.argv.slice(2));
