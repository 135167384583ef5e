import type { Context } from './command.ts';
import { usageError } from './exit.ts';
import { readSecretFile } from './settings.ts';
import type { Manifest } from './types.ts';

/** The option by which secret fields of a bank are given. */
export const SECRET_OPTION = {
  type: 'string',
  multiple: true,
  value: 'NAME=FILE',
  help: "file that holds a secret field of the bank, by the name in 'brana banks'",
} as const;

/** The secret fields given as options. @throws CliError */
export function secretsIn({ options }: Context): Record<string, string> {
  return Object.fromEntries(
    options.list('secret').map((pair) => {
      const [, name, file] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
      if (name === undefined || file === undefined) throw usageError('--secret wants NAME=FILE');
      return [name, readSecretFile(file, '--secret')];
    }),
  );
}

/** Asks for every secret field the bank must have. @throws CliError where nobody can answer */
export async function askSecrets({ terminal }: Context, bank: Manifest): Promise<Record<string, string>> {
  const secrets: Record<string, string> = {};
  for (const { name, label, secret, required } of bank.fields) {
    if (!secret || !required) continue;
    secrets[name] = await terminal.askSecret(`${label}: `, `give --secret ${name}=FILE`);
  }
  return secrets;
}
