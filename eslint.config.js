import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import house from './scripts/eslint-house.js';

export default defineConfig(
  { ignores: ['dist/', '.serverless/', '.brana/', 'coverage/'] },
  {
    rules: {
      eqeqeq: 'error',
      'no-async-promise-executor': 'error',
      'no-constant-condition': ['error', { checkLoops: false }],
      'no-dupe-else-if': 'error',
      'no-empty': 'error',
      'no-loss-of-precision': 'error',
      'no-self-compare': 'error',
      'no-unreachable-loop': 'error',
      'no-unsafe-finally': 'error',
      'no-unused-private-class-members': 'error',
      'no-useless-catch': 'error',
      'prefer-const': 'error',
      'require-yield': 'error',
      'use-isnan': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // What only types can tell, and what costs money when overlooked: promises nobody waits for.
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      // The compiler checks these.
      'no-undef': 'off',
      '@typescript-eslint/no-unused-vars': 'off',
    },
  },
  {
    files: ['functions/**/*.ts', 'shared/**/*.ts'],
    plugins: { house },
    rules: {
      'house/imports': 'error',
      'house/packages': 'error',
      'house/ambient': 'error',
      'house/bank-names': 'error',
      'no-console': 'error',
    },
  },
);
