import { Failure } from '../../domain/failure.ts';
import type { BankAccess } from '../contract.ts';
import { manifest, UPLOAD_MODES, type UploadMode } from './manifest.ts';

export interface Config {
  readonly contractNumber: string;
  readonly clientAppGuid: string;
  readonly uploadMode: UploadMode;
  /** Origin of the bank's host: the only one that is ever spoken to. */
  readonly origin: string;
}

/** @throws Failure `rejected` naming the field that is missing or is none */
export function readConfig({ config, origin }: Pick<BankAccess, 'config' | 'origin'>): Config {
  for (const { name, label, required, pattern = '' } of manifest.fields) {
    const value = config[name] ?? '';
    if (value === '' ? required : !new RegExp(pattern).test(value)) {
      const message = `The connection's ${label} is missing or is none. Compare it with the CEB portal and correct it.`;
      throw new Failure('rejected', message, { field: name });
    }
  }
  return {
    contractNumber: config['contractNumber'] ?? '',
    clientAppGuid: config['clientAppGuid'] ?? '',
    uploadMode: UPLOAD_MODES.find((mode) => mode === config['uploadMode']) ?? 'AllOrNothing',
    origin,
  };
}
