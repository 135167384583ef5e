export default { test: { maxWorkers: 1, testTimeout: 30000, hookTimeout: 60000 } };
