/**
 * RC2 in CBC mode (RFC 2268) for the certificate bags of old PFX files. OpenSSL 3 keeps it in a provider that is not
 * loaded, so node-forge does it, in a chunk of its own that only such a file loads.
 * @param bits effective key bits, 40 or 128
 * @returns the plain text with its padding still on
 */
export async function decryptRc2(
  ciphertext: Uint8Array,
  key: Uint8Array,
  iv: Uint8Array,
  bits: number,
): Promise<Buffer> {
  const { default: forge } = await import('node-forge');
  const binary = (bytes: Uint8Array) => forge.util.createBuffer(Buffer.from(bytes).toString('latin1'));
  const cipher = forge.rc2.createDecryptionCipher(binary(key), bits);
  cipher.start(binary(iv));
  cipher.update(binary(ciphertext));
  return Buffer.from(cipher.output.getBytes(), 'latin1');
}
