import type { XmlElement } from '../xml.ts';
import { child, textAt } from './fields.ts';

/** A bank as a message names it (`Svcr`, `DbtrAgt`, `CdtrAgt`). */
export interface Agent {
  readonly bic: string | null;
  readonly bankCode: string | null;
}

/**
 * BIC (`BIC`, from version 04 `BICFI`) and national bank code. Czech banks write the code to `Othr/Id`, where others
 * have tax numbers and the like, so only four digits count there; `ClrSysMmbId` is made for codes of any country.
 */
export function readAgent(element: XmlElement | null): Agent {
  const institution = child(element, 'FinInstnId');
  const other = textAt(institution, 'Othr', 'Id');
  return {
    bic: textAt(institution, 'BICFI') ?? textAt(institution, 'BIC'),
    bankCode: other !== null && /^\d{4}$/.test(other) ? other : textAt(institution, 'ClrSysMmbId', 'MmbId'),
  };
}
