import { inspect } from 'node:util';

const PRINTED = '[secret]';

/**
 * A value that must not be printed. Every road to text (template, JSON, console, inspect) gives `[secret]`;
 * only {@link Secret.reveal} gives the value, so a search for `reveal(` finds every place that uses one.
 */
export class Secret<T = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return PRINTED;
  }

  toJSON(): string {
    return PRINTED;
  }

  [inspect.custom](): string {
    return PRINTED;
  }
}
