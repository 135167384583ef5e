import type { BankDocument } from '../../domain/model.ts';
import type { BankResponse } from '../../http/types.ts';

/** The answer's bytes as they came, under a speaking name that is harmless in any file system. */
export function documentOf(
  { body, mediaType }: Pick<BankResponse, 'body' | 'mediaType'>,
  name: string,
): BankDocument {
  return { bytes: body, mediaType, name: name.replace(/[^\w.-]+/g, '-') };
}
