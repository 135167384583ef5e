/** A set of small numbers as text: which payments of an order, out of up to 15 000, have a result. */
export class Marks {
  private readonly bits: Uint8Array;

  /** @param text base64 as {@link Marks.toString} gave it; empty for none */
  constructor(text: string, count: number) {
    this.bits = new Uint8Array(Math.ceil(count / 8));
    this.bits.set(Buffer.from(text, 'base64').subarray(0, this.bits.length));
  }

  has(index: number): boolean {
    return ((this.bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
  }

  add(index: number): void {
    const at = index >> 3;
    if (index >= 0 && at < this.bits.length) this.bits[at]! |= 1 << (index & 7);
  }

  toString(): string {
    return Buffer.from(this.bits).toString('base64');
  }
}
