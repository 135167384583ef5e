import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Packages once, before the workers would all want to.
    globalSetup: ['test/support/package.ts'],
    setupFiles: ['test/support/property-seed.ts'],
    // Engines are started per file; two files at a time is what two cores bear.
    maxWorkers: 2,
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
