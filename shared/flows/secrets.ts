import { unprocessable } from '../api/problem.ts';
import type { Manifest } from '../banks/contract.ts';

/** @throws Problem 422 for a secret this bank does not know, or whose form cannot be right; never repeats one */
export function checkSecrets(manifest: Manifest, secrets: Readonly<Record<string, string>>): void {
  const fields = manifest.fields.filter((field) => field.secret);
  const errors = Object.entries(secrets).flatMap(([name, value]) => {
    const field = fields.find((one) => one.name === name);
    const pointer = `/secrets/${name}`;
    if (!field) {
      return [{ pointer, detail: `Unknown; the secrets are: ${fields.map((one) => one.name).join(', ')}` }];
    }
    const fits = !field.pattern || new RegExp(`^(?:${field.pattern})$`).test(value);
    return fits ? [] : [{ pointer, detail: `This does not fit "${field.label}": ${field.description}` }];
  });
  if (errors.length > 0) {
    throw unprocessable(
      'bad-secrets',
      `${manifest.name} needs other secrets; GET /banks describes them.`,
      errors,
    );
  }
}
