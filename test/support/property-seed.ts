import fc from 'fast-check';

/**
 * Property tests draw the same examples in every run, so that a suite that passed passes again; PROPERTY_SEED=N draws
 * others, to look for what nobody has met yet.
 */
fc.configureGlobal({ seed: Number(process.env['PROPERTY_SEED'] ?? 1) });
