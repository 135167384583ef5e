import { isCountry } from './countries.ts';

/** Business identifier codes of banks (ISO 9362): four letters or digits, a country, two, and three of a branch. */

const SHAPE = /^[A-Z0-9]{4}([A-Z]{2})[A-Z0-9]{2}(?:[A-Z0-9]{3})?$/;

/** Whether a text has the shape of a BIC, of a country that exists. Whether a bank has it, only a directory knows. */
export function isBic(text: string): boolean {
  const country = SHAPE.exec(text)?.[1];
  return country !== undefined && isCountry(country);
}
