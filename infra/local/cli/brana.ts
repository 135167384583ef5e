import { main } from './main.ts';
import { terminal } from './terminal.ts';

/** The `brana` command, run by `brana.js`. */
process.exitCode = await main(process.argv.slice(2), terminal());
