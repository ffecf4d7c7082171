import { devicesOf } from '../core/serving/llamacpp/try-variant.ts';

process.stdout.write(`${JSON.stringify(await devicesOf(JSON.parse(process.argv[2] ?? '')))}\n`);
process.exit(0);
