import { unprocessable } from '../api/problem.ts';
import { manifestOf } from '../banks/catalog.ts';
import type { Manifest } from '../banks/contract.ts';
import type { Account, AccountSettings } from '../domain/records.ts';
import type { Accounts } from '../store/accounts.ts';

/** Days read again at every pull unless the account says otherwise. */
export const DEFAULT_HISTORY_DAYS = 5;

/** The settings of an account just discovered. */
export function defaultSettings(manifest: Manifest, enabled: boolean): AccountSettings {
  return {
    enabled,
    mode: 'both',
    historyDays: DEFAULT_HISTORY_DAYS,
    formats: manifest.statementFormats.filter((one) => one.default).map(({ format }) => format),
    bank: Object.fromEntries(manifest.accountSettings.map((setting) => [setting.name, setting.default])),
  };
}

export type SettingsChange = { readonly [Name in keyof AccountSettings]?: AccountSettings[Name] | undefined };

/** @throws Problem 422 for what this bank does not offer, with a pointer per field */
export async function changeSettings(
  accounts: Accounts,
  account: Account,
  change: SettingsChange,
): Promise<Account> {
  const manifest = await manifestOf(account.bank);
  const errors = [
    ...wrongMode(manifest, change.mode),
    ...unknownFormats(manifest, change.formats ?? []),
    ...wrongBankSettings(manifest, change.bank ?? {}),
  ];
  if (errors.length > 0) {
    throw unprocessable(
      'bad-settings',
      `${manifest.name} does not offer this; GET /banks describes it.`,
      errors,
    );
  }
  const before = account.settings;
  return accounts.changeSettings(account, {
    enabled: change.enabled ?? before.enabled,
    mode: change.mode ?? before.mode,
    historyDays: change.historyDays ?? before.historyDays,
    formats: change.formats ? [...new Set(change.formats)] : before.formats,
    bank: { ...before.bank, ...change.bank },
  });
}

type Finding = { pointer: string; detail: string };

/** A channel the bank does not have would be pulled for ever and bring nothing. */
function wrongMode({ evidence, name }: Manifest, mode: AccountSettings['mode'] | undefined): Finding[] {
  if (mode === undefined || mode === 'both' || evidence[mode] !== undefined) return [];
  return [{ pointer: '/mode', detail: `${name} gives no ${mode}; choose "both" for whatever it gives` }];
}

function unknownFormats(manifest: Manifest, formats: readonly string[]): Finding[] {
  const offered = manifest.statementFormats.map(({ format }) => format);
  return formats.flatMap((format, at) =>
    offered.includes(format)
      ? []
      : [{ pointer: `/formats/${at}`, detail: `Unknown format; there are: ${offered.join(', ')}` }],
  );
}

function wrongBankSettings(manifest: Manifest, settings: Readonly<Record<string, string>>): Finding[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    const setting = manifest.accountSettings.find((one) => one.name === name);
    if (setting?.values.includes(value)) return [];
    const detail = setting ? `One of: ${setting.values.join(', ')}` : 'Unknown setting';
    return [{ pointer: `/bank/${name}`, detail }];
  });
}
