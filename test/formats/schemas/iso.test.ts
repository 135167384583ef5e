import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCamt053 } from '../../../shared/formats/camt/reader.ts';
import { writeCamt053, type CamtVersion } from '../../../shared/formats/camt/write.ts';
import { FormatError } from '../../../shared/formats/errors.ts';
import { writePain001 } from '../../../shared/formats/pain001/writer.ts';
import { anyStatement, wildStatement } from '../camt/statements.ts';
import { ABROAD, euro, OPTIONS, order, payment } from '../pain001/compose.ts';
import { anyOrders, orders } from '../pain001/orders.ts';
import { structuralFaults } from './camt053.ts';
import { mutantsOf } from './mutants.ts';
import { pain001Faults } from './pain001.ts';
import { hasSchema, schemaCheck } from './xsd.ts';

/** What we write against the schemas of ISO 20022, where they are at hand (`xsd.ts`). */

type Check = (document: Uint8Array) => string[];

/** That both refuse the same documents and let the same pass, made of a document by one change. */
function expectAgreement(document: Uint8Array, schema: Check, structure: Check): void {
  expect([schema(document), structure(document)]).toEqual([[], []]);
  let refused = 0;
  const runs = 250;
  fc.assert(
    fc.property(mutantsOf(document), (mutant) => {
      const bytes = new TextEncoder().encode(mutant);
      const [first, second] = [schema(bytes), structure(bytes)];
      expect(first.length > 0, JSON.stringify({ first, second })).toBe(second.length > 0);
      if (first.length > 0) refused += 1;
    }),
    { numRuns: runs },
  );
  expect(refused).toBeGreaterThan(runs / 2);
}

const written = (version: CamtVersion) =>
  ({ version, messageId: 'BRANA-1', createdAt: '2026-09-04T01:14:44Z' }) as const;

describe.each(['02', '08'] as const)('camt.053.001.%s', (version) => {
  const message = `camt.053.001.${version}`;

  describe.skipIf(!hasSchema(message))('the ISO 20022 schema', () => {
    const faults = schemaCheck(message);

    it('accepts every statement we write', () => {
      fc.assert(
        fc.property(fc.array(anyStatement(version), { minLength: 1, maxLength: 3 }), (statements) => {
          expect(faults(writeCamt053(statements, written(version)).bytes)).toEqual([]);
        }),
        { numRuns: 100 },
      );
    });

    it('accepts what we write whatever stands in the fields', () => {
      fc.assert(
        fc.property(wildStatement, (statement) => {
          expect(faults(writeCamt053([statement], written(version)).bytes)).toEqual([]);
        }),
        { numRuns: 300 },
      );
    });

    it.each(['camt053-day.xml', 'camt053-v08.xml'])('accepts %s as we write it again', (name) => {
      const statements = readCamt053(readFileSync(new URL(`../fixtures/${name}`, import.meta.url)));
      expect(faults(writeCamt053(statements, written(version)).bytes)).toEqual([]);
    });

    it('and our own check refuse the same broken documents', () => {
      const statements = readCamt053(readFileSync(new URL('../fixtures/camt053-day.xml', import.meta.url)));
      const { bytes } = writeCamt053(statements, written(version));
      expectAgreement(bytes, faults, (document) => structuralFaults(document, version));
    });
  });
});

describe.each(['03', '09'] as const)('pain.001.001.%s', (version) => {
  const message = `pain.001.001.${version}`;

  describe.skipIf(!hasSchema(message))('the ISO 20022 schema', () => {
    const faults = schemaCheck(message);

    it.each(['strd', 'e2e', 'ustrd'] as const)('accepts every order we write, symbols in %s', (symbols) => {
      fc.assert(
        fc.property(orders, (groups) => {
          expect(faults(writePain001(groups, { ...OPTIONS, version, symbols }).bytes)).toEqual([]);
        }),
        { numRuns: 60 },
      );
    });

    it('accepts what we write of any order, and what it would refuse is refused', () => {
      let accepted = 0;
      fc.assert(
        fc.property(anyOrders, ([groups, options]) => {
          try {
            const { bytes } = writePain001(groups, { ...options, version });
            expect(faults(bytes)).toEqual([]);
            accepted += 1;
          } catch (error) {
            if (!(error instanceof FormatError)) throw error;
          }
        }),
        { numRuns: 300 },
      );
      expect(accepted).toBeGreaterThan(30);
    });

    it('and our own check refuse the same broken documents', () => {
      const address = { street: 'Rue 1', buildingNumber: '2', postCode: '1', town: 'Brno', country: 'CZ' };
      const withAddress = euro({ creditorAddress: { ...address, lines: ['one', 'two'] } });
      const groups = [
        order({ priority: 'urgent', payments: [payment(), payment({ specificSymbol: '77' })] }),
        order({ id: null, priority: 'instant', payer: { ...ABROAD, bic: null }, payments: [withAddress] }),
      ];
      const { bytes } = writePain001(groups, { ...OPTIONS, version });
      expectAgreement(bytes, faults, (document) => pain001Faults(document, version));
    });
  });
});
