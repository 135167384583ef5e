import { describe } from 'vitest';
import { runPaySeed } from './pay-flow.ts';
import { seedTests } from './seeds.ts';

describe('fault harness of the payments', () => seedTests(runPaySeed, 1, 30));
