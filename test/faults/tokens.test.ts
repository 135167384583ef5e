import { describe } from 'vitest';
import { seedTests } from './seeds.ts';
import { runTokenSeed } from './token-flow.ts';

describe('fault harness of the tokens', () => seedTests(runTokenSeed, 1, 130));
