// `npm start -- <command …>`: installs and builds when something changed, then runs the command line in this process.
import { build, install } from './prepare.mjs';

install();
build();
await import('../out/main/cli.js');
