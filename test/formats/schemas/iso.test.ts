import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCamt053 } from '../../../shared/formats/camt/reader.ts';
import { writeCamt053, type CamtVersion } from '../../../shared/formats/camt/write.ts';
import { anyStatement } from '../camt/statements.ts';
import { structuralFaults } from './camt053.ts';

/**
 * What we write against the schemas of ISO 20022. They are nobody's to copy into the project: get them from
 * iso20022.org and name their folder in BRANA_ISO_SCHEMAS, or lay them into ../shared/schemas.
 */
const FOLDER =
  process.env['BRANA_ISO_SCHEMAS'] ?? fileURLToPath(new URL('../../../../shared/schemas', import.meta.url));

interface Validator {
  validate(document: unknown): void;
}
interface LibXml {
  readonly XmlDocument: { fromBuffer(bytes: Uint8Array): { dispose(): void } };
  readonly XsdValidator: { fromDoc(schema: unknown): Validator };
}

const VALIDATOR = 'libxml2-wasm';

async function libxml(): Promise<LibXml | null> {
  try {
    return (await import(VALIDATOR)) as LibXml;
  } catch {
    return null;
  }
}

const schemaOf = (version: CamtVersion): string => join(FOLDER, `camt.053.001.${version}.xsd`);
const VERSIONS = (['02', '08'] as const).filter((version) => existsSync(schemaOf(version)));
const library = await libxml();
if (!library || VERSIONS.length < 2) {
  const missing = library
    ? `no camt.053 schemas in ${pathToFileURL(FOLDER).pathname}`
    : `${VALIDATOR} is not installed`;
  console.log(`SKIPPED: ${missing}; camt.053 was checked against its message definition only`);
}

/** Faults the schema finds, each a line. */
function schemaFaults(
  { XmlDocument, XsdValidator }: LibXml,
  version: CamtVersion,
): (bytes: Uint8Array) => string[] {
  const validator = XsdValidator.fromDoc(XmlDocument.fromBuffer(readFileSync(schemaOf(version))));
  return (bytes) => {
    const document = XmlDocument.fromBuffer(bytes);
    try {
      validator.validate(document);
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : 'invalid'];
    } finally {
      document.dispose();
    }
  };
}

const options = (version: CamtVersion) =>
  ({ version, messageId: 'BRANA-1', createdAt: '2026-09-04T01:14:44Z' }) as const;

describe.skipIf(!library || VERSIONS.length === 0)('the ISO 20022 schema', () => {
  describe.each(VERSIONS)('of camt.053.001.%s', (version) => {
    const faults = schemaFaults(library!, version);

    it('accepts every statement we write', () => {
      fc.assert(
        fc.property(fc.array(anyStatement(version), { minLength: 1, maxLength: 3 }), (statements) => {
          expect(faults(writeCamt053(statements, options(version)).bytes)).toEqual([]);
        }),
        { numRuns: 100 },
      );
    });

    it.each(['camt053-day.xml', 'camt053-v08.xml'])('accepts %s as we write it again', (name) => {
      const statements = readCamt053(readFileSync(new URL(`../fixtures/${name}`, import.meta.url)));
      expect(faults(writeCamt053(statements, options(version)).bytes)).toEqual([]);
    });

    it('and our own check refuse the same broken documents', () => {
      const statements = readCamt053(readFileSync(new URL('../fixtures/camt053-day.xml', import.meta.url)));
      const text = new TextDecoder().decode(writeCamt053(statements, options(version)).bytes);
      const broken = [
        text.replace('<Bal>', '<Extra>1</Extra><Bal>'),
        text.replace(/<CdtDbtInd>\w+<\/CdtDbtInd>/, ''),
        text.replace(/(<BookgDt>.*?<\/BookgDt>)(<ValDt>.*?<\/ValDt>)/, '$2$1'),
        text.replace(/<NtryRef>/, `<NtryRef>${'9'.repeat(36)}`),
        text.replace(/<Bal>.*<\/Bal>/, ''),
        text.replace('camt.053.001', 'camt.052.001'),
      ];
      for (const xml of broken) {
        expect(xml).not.toBe(text);
        const bytes = new TextEncoder().encode(xml);
        expect(faults(bytes), xml.slice(0, 300)).not.toEqual([]);
        expect(structuralFaults(bytes, version)).not.toEqual([]);
      }
    });
  });
});
