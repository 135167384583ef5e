import { describe } from 'vitest';
import { seedTests } from './seeds.ts';

describe('fault harness of the pull, part 2', () => seedTests(71, 70));
