import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { XmlDocument, XmlValidateError, XsdValidator } from 'libxml2-wasm';

/**
 * The schemas of ISO 20022. They are nobody's to copy into the project: get them from iso20022.org and name their
 * folder in BRANA_ISO_SCHEMAS, or lay them into ../shared/schemas.
 */
const FOLDER =
  process.env['BRANA_ISO_SCHEMAS'] ?? fileURLToPath(new URL('../../../../shared/schemas', import.meta.url));

const fileOf = (message: string): string => join(FOLDER, `${message}.xsd`);

/** Whether the schema of a message (`camt.053.001.02`) is there; says so where it is not. */
export function hasSchema(message: string): boolean {
  if (existsSync(fileOf(message))) return true;
  console.log(
    `SKIPPED: no ${message}.xsd in ${FOLDER}; ${message} was checked against its message definition only`,
  );
  return false;
}

/** What the schema of a message finds in a document: the first fault as a line, or nothing. */
export function schemaCheck(message: string): (document: Uint8Array) => string[] {
  let validator: XsdValidator | null = null;
  return (bytes) => {
    validator ??= XsdValidator.fromDoc(XmlDocument.fromBuffer(readFileSync(fileOf(message))));
    const document = XmlDocument.fromBuffer(bytes);
    try {
      validator.validate(document);
      return [];
    } catch (error) {
      if (error instanceof XmlValidateError) return [error.message];
      throw error;
    } finally {
      document.dispose();
    }
  };
}
