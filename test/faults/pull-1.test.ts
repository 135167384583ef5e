import { describe } from 'vitest';
import { seedTests } from './seeds.ts';

describe('fault harness of the pull, part 1', () => seedTests(1, 70));
