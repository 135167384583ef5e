import { describe, expect, it } from 'vitest';
import { asFailure, Failure, FAILURE_KINDS } from '../../shared/domain/failure.ts';
import { EFFECTS } from '../../shared/flows/effects.ts';

describe('failures', () => {
  it('are a closed set, each kind with one effect', () => {
    expect(Object.keys(EFFECTS).sort()).toEqual([...FAILURE_KINDS].sort());
    expect(new Set(FAILURE_KINDS).size).toBe(FAILURE_KINDS.length);
  });

  it('pause what a person must repair, and only that', () => {
    const paused = FAILURE_KINDS.filter((kind) => EFFECTS[kind].pauses !== 'nothing');
    expect(paused).toEqual(['consent-needed', 'credential-refused']);
    for (const kind of paused) expect(EFFECTS[kind].alarms).toBe(true);
  });

  it('keep kind, detail and cause', () => {
    const cause = new Error('below');
    const failure = new Failure('rejected', 'what to do', { status: 404, code: 'ID_NOT_FOUND' }, cause);
    expect(failure).toBeInstanceOf(Error);
    expect(failure).toMatchObject({ name: 'Failure', kind: 'rejected', message: 'what to do', cause });
    expect(failure.detail).toEqual({ status: 404, code: 'ID_NOT_FOUND' });
    expect(new Failure('protocol', 'no more').detail).toEqual({});
    expect('cause' in new Failure('protocol', 'no more')).toBe(false);
  });

  it('are what anything thrown becomes: transient, for nobody foresaw it', () => {
    const known = new Failure('protocol', 'known');
    expect(asFailure(known)).toBe(known);
    const error = new TypeError('x is not a function');
    expect(asFailure(error)).toMatchObject({ kind: 'transient', cause: error });
    expect(asFailure('a text')).toMatchObject({ kind: 'transient', message: 'a text' });
    expect(asFailure(undefined)).toMatchObject({ kind: 'transient' });
  });
});
