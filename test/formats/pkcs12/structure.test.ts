import { createPrivateKey, X509Certificate } from 'node:crypto';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { octets } from '../../../infra/sandbox/pki/der.ts';
import { readBer, TAG, type Element } from '../../../shared/formats/pkcs12/ber.ts';
import { certificateBag, dataPart, keyBag, nestedBags, secretBag, unsealed } from './crafted.ts';
import { ec, pfxOf, readPfxFile } from './fixtures.ts';

/** The same ASN.1 with open ends everywhere and octet strings in two segments. @param deep into octet strings too */
function asBer(element: Element, deep: boolean): Buffer {
  const open = (...parts: Buffer[]) =>
    Buffer.concat([Buffer.of(element.tag | 0x20, 0x80), ...parts, Buffer.of(0, 0)]);
  if (element.constructed) return open(...element.children.map((child) => asBer(child, deep)));
  // Encrypted content carries the tag [0] in place of the one of an octet string.
  if (element.tag !== TAG.octets && element.tag !== TAG.context) return Buffer.from(element.raw);
  const inner = deep ? sequenceIn(element.body) : null;
  const body = inner ? asBer(inner, deep) : element.body;
  const middle = Math.floor(body.length / 2);
  return open(octets(body.subarray(0, middle)), octets(body.subarray(middle)));
}

function sequenceIn(bytes: Uint8Array): Element | null {
  try {
    const element = readBer(bytes);
    return element.tag === TAG.sequence && element.raw.length === bytes.length ? element : null;
  } catch {
    return null;
  }
}

describe('a PFX in BER, as Bouncy Castle and old NSS write it', () => {
  it('opens when its outer structure is open-ended', async () => {
    const file = asBer(readBer(pfxOf(ec)), false);
    expect((await readPfxFile(file)).keyPem.reveal()).toBe(ec.keyPem);
  });

  it.each(['aes-256', 'rc2-40'] as const)('opens when all of it is, with %s', async (encryption) => {
    const file = asBer(readBer(pfxOf(ec, { encryption, sealed: false })), true);
    expect((await readPfxFile(file)).keyPem.reveal()).toBe(ec.keyPem);
  });
});

describe('bags', () => {
  const certificate = certificateBag(new X509Certificate(ec.certificatePem).raw);
  const key = keyBag(createPrivateKey(ec.keyPem).export({ type: 'pkcs8', format: 'der' }));

  it('may hold bags', async () => {
    const file = unsealed(dataPart(nestedBags(2, certificate)), dataPart(nestedBags(1, key)));
    expect((await readPfxFile(file)).keyPem.reveal()).toBe(ec.keyPem);
  });

  it('of other kinds are passed over', async () => {
    const file = unsealed(dataPart(nestedBags(0, secretBag(), certificate, key)));
    expect((await readPfxFile(file)).keyPem.reveal()).toBe(ec.keyPem);
  });
});

it('what follows the file is ignored, as OpenSSL does', async () => {
  const read = await readPfxFile(Buffer.concat([pfxOf(ec), Buffer.from('\r\n')]));
  expect(read.keyPem.reveal()).toBe(ec.keyPem);
});

it('node-forge stays in a chunk that only an RC2 file loads', async () => {
  const { metafile } = await build({
    entryPoints: ['shared/formats/pkcs12/certificate.ts'],
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    outdir: 'unused',
    write: false,
    metafile: true,
  });
  const entry = Object.values(metafile.outputs).find(({ entryPoint }) =>
    entryPoint?.endsWith('certificate.ts'),
  );
  expect(entry?.imports.filter(({ kind }) => kind === 'dynamic-import')).toHaveLength(1);
  expect(Object.keys(entry?.inputs ?? {}).filter((path) => path.includes('forge'))).toEqual([]);
});
