import { packagedTemplate } from '../../infra/local/template.ts';

/** vitest's global set-up: packages the functions once, before the test files ask for the template at the same time. */
export async function setup(): Promise<void> {
  await packagedTemplate();
}
