import { readFileSync } from 'node:fs';
import { ENCODINGS, type Encoding } from '../../../shared/formats/encoding/encodings.ts';
import { FormatError } from '../../../shared/formats/errors.ts';
import { readFile, type FileHints, type ReadFile } from '../../../shared/formats/files.ts';
import { FORMATS, type FormatName } from '../../../shared/formats/recognise.ts';
import type { Given, Options } from './command.ts';
import { CliError, EXIT, usageError } from './exit.ts';

/** Options of the commands that read bank files. */
export const FILE_OPTIONS: Options = {
  from: { type: 'string', value: 'FORMAT', help: 'what the file is, when it is not recognised' },
  bank: { type: 'string', value: 'CODE', help: "the bank's code, four digits: its dialect" },
  encoding: { type: 'string', value: 'ENCODING', help: ENCODINGS.join(', ') },
};

/** `-` is stdin. @throws CliError when it cannot be read */
export function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    throw new CliError(EXIT.off, `${file} cannot be read: ${(error as Error).message}`);
  }
}

/** @throws CliError for a file that is none Brana reads, with what to do */
export async function readBankFile(file: string, options: Given): Promise<ReadFile> {
  const bytes = bytesOf(file);
  try {
    return await readFile(bytes, hintsOf(options));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const place = error.position === null ? '' : ` (${error.position})`;
    throw new CliError(EXIT.off, `${file}: ${error.message}${place}`);
  }
}

function hintsOf(options: Given): FileHints {
  const format = options.text('from');
  const bankCode = options.text('bank');
  const encoding = encodingOf(options);
  return {
    ...(format === undefined ? {} : { format: oneOf<FormatName>('from', format, FORMATS) }),
    ...(bankCode === undefined ? {} : { bankCode }),
    ...(encoding === undefined ? {} : { encoding }),
  };
}

/** @throws CliError for an encoding Brana does not know */
export function encodingOf(options: Given): Encoding | undefined {
  const text = options.text('encoding');
  return text === undefined ? undefined : oneOf<Encoding>('encoding', text, ENCODINGS);
}

/** @throws CliError naming what the option takes */
export function oneOf<T extends string>(option: string, text: string, known: readonly T[]): T {
  const found = known.find((one) => one === text.toLowerCase());
  if (found !== undefined) return found;
  throw usageError(`--${option} is one of: ${known.join(', ')}`);
}
