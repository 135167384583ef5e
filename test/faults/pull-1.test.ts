import { describe } from 'vitest';
import { runSeed } from './pull-flow.ts';
import { seedTests } from './seeds.ts';

describe('fault harness of the pull, part 1', () => seedTests(runSeed, 1, 20));
