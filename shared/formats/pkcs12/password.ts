import type { Secret } from '../../domain/secret.ts';

/** One passphrase as bytes, in the two ways PKCS#12 uses it. */
export interface Password {
  /** For the seal (MAC) and the PKCS#12 schemes: UTF-16, big endian, closed by a zero character (RFC 7292, B.1). */
  readonly bmp: Uint8Array;
  /** For PBES2: UTF-8, as OpenSSL, Java and Windows do; RFC 8018 leaves the choice open. */
  readonly utf8: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/**
 * The byte forms under which writers are known to use a passphrase, the proper one first.
 *
 * The empty passphrase is a lone zero character for some writers and no bytes at all for others. OpenSSL before 1.1
 * widened each byte of a UTF-8 passphrase to a character of its own.
 */
export function passwordsOf(passphrase: Secret): readonly Password[] {
  const text = passphrase.reveal();
  const utf8 = Buffer.from(text, 'utf8');
  const proper = { bmp: bmpString(text), utf8 };
  if (text === '') return [proper, { bmp: NOTHING, utf8: NOTHING }];
  const widened = utf8.toString('latin1');
  return widened === text ? [proper] : [proper, { bmp: bmpString(widened), utf8 }];
}

function bmpString(text: string): Uint8Array {
  return Buffer.from(`${text}\0`, 'utf16le').swap16();
}
