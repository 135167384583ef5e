import { afterAll } from 'vitest';

/**
 * The files of one worker share its process: what a file sets in the environment, such as the addresses of its engines,
 * goes with it.
 */
const before = { ...process.env };

afterAll(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
});
