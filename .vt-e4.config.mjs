export default { test: { maxWorkers: 1, testTimeout: 60000, hookTimeout: 60000 } };
