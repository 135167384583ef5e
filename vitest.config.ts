import { defineConfig } from 'vitest/config';

/** Tests of pure code: apart from the others, for some of them measure their own memory. */
const PURE = ['test/{domain,formats,http,banks}/**/*.test.ts'];

const common = {
  setupFiles: ['test/support/environment.ts', 'test/support/property-seed.ts'],
  testTimeout: 30_000,
  hookTimeout: 60_000,
  // The files of one worker share its process and modules: to load the SDK and the engines afresh for each file took a
  // third of all the time. A file starts its own engines and has its own tables; the environment is put back behind it.
  isolate: false,
};

export default defineConfig({
  test: {
    // Engines are started per file and wait for each other half their time: three files keep two cores busy.
    maxWorkers: 3,
    pool: 'forks',
    // Packages once, before the workers would all want to.
    globalSetup: ['test/support/package.ts'],
    projects: [
      { test: { ...common, name: 'pure', include: PURE } },
      { test: { ...common, name: 'parts', include: ['test/**/*.test.ts'], exclude: PURE } },
    ],
  },
});
