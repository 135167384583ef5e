import type { Random } from './ports.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Crockford base32 in lower case, most significant digit first. */
function base32(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest >>= 5n) text = ALPHABET[Number(rest & 31n)] + text;
  return text;
}

/**
 * A new id: prefix, 48 bits of time and 80 random bits (ULID layout), so ids of one kind sort by their birth.
 * @param now epoch milliseconds
 */
export function newId(prefix: string, now: number, random: Random): string {
  const chance = BigInt(`0x${Buffer.from(random.bytes(10)).toString('hex')}`);
  return `${prefix}_${base32(BigInt(now), 10)}${base32(chance, 16)}`;
}
