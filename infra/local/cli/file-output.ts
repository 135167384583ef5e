import { writeFileSync } from 'node:fs';
import { usageError } from './exit.ts';

/** Saves a document. @param careful its name was chosen by nobody, so it never overwrites a file @throws CliError `usage` */
export function saveFile(file: string, bytes: Uint8Array, careful: boolean): void {
  try {
    writeFileSync(file, bytes, { flag: careful ? 'wx' : 'w' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw usageError(`${file} exists already. Name another with -o FILE.`);
    throw usageError(`${file} cannot be written (${code ?? 'unknown reason'}).`);
  }
}
