import { defineConfig } from 'vitest/config';

/** Tests of pure code: they leave nothing behind in their process, so the files of one worker share it. */
const PURE = ['test/{domain,formats,http,banks}/**/*.test.ts'];

const common = { setupFiles: ['test/support/property-seed.ts'], testTimeout: 30_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    // Engines are started per file and wait for each other half their time: three files keep two cores busy.
    maxWorkers: 3,
    pool: 'forks',
    // Packages once, before the workers would all want to.
    globalSetup: ['test/support/package.ts'],
    projects: [
      { test: { ...common, name: 'pure', include: PURE, isolate: false } },
      { test: { ...common, name: 'parts', include: ['test/**/*.test.ts'], exclude: PURE } },
    ],
  },
});
