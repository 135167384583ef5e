import { X509Certificate } from 'node:crypto';
import type { PlainDate } from '../../shared/domain/dates.ts';
import { readBankData } from './bank-data.ts';
import { csobCebBank, type CsobCebBank } from './csob-ceb/bank.ts';
import { ersteBank, type ErsteBank } from './erste/bank.ts';
import { createAuthority, type Authority } from './pki/authority.ts';
import { writePfx, type PfxEncryption } from './pki/pfx.ts';
import { pragueDay, pragueInstant } from './prague.ts';
import { raiffeisenBank, type RaiffeisenBank } from './raiffeisen/bank.ts';
import { seededSource, type SeededSource } from './raiffeisen/data.ts';
import type { BankSource } from './raiffeisen/source.ts';
import { startBankServer } from './server.ts';
import type { SandboxClock } from './types.ts';

/** A client certificate as the bank's customer downloads it. */
export interface IssuedPfx {
  readonly pfx: Uint8Array;
  readonly passphrase: string;
  /** As the bank logs and blocks it. */
  readonly serial: string;
}

export interface Sandbox {
  readonly banks: {
    readonly raiffeisen: RaiffeisenBank;
    readonly 'csob-ceb': CsobCebBank;
    readonly erste: ErsteBank;
  };
  readonly origins: { readonly raiffeisen: string; readonly 'csob-ceb': string; readonly erste: string };
  /** PEM of the authority behind the servers' and the clients' certificates. */
  readonly ca: string;
  /** `legacy` is packed with RC2-40, as the bank's own are. */
  readonly certificates: { readonly ordinary: IssuedPfx; readonly legacy: IssuedPfx };
  /** Another certificate, good for twenty more days. */
  issueExpiring(): IssuedPfx;
  /** The registered application (`X-IBM-Client-Id`). */
  readonly clientId: string;
  /** The application registered with Erste's portal. */
  readonly application: ErsteApplication;
  /** The banks' time, which the gateway must share: with bank data it stands on the virtual today. */
  readonly clock: SandboxClock;
  /** The banks' today at the start, and the first day with data. */
  readonly today: PlainDate;
  readonly oldest: PlainDate;
  /** Levers on the seeded data; `null` with bank data. */
  readonly seeded: SeededSource | null;
  /** Files of the bank data that are not served, and why. */
  readonly warnings: readonly string[];
  stop(): Promise<void>;
}

/** The three values the portal gives for an application. */
export interface ErsteApplication {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly webApiKey: string;
}

const CLIENT_ID = 'simulated-client-id';
const APPLICATION: ErsteApplication = {
  clientId: 'simulated-application',
  clientSecret: 'simulated-application-secret',
  webApiKey: 'simulated-web-api-key',
};
const DAY = 86_400_000;

/**
 * Starts the simulated banks on free ports of this machine.
 * @throws BankDataError when `bankData` is no folder the banks can serve
 */
export async function startSandbox(options: {
  readonly seed: string;
  readonly clock: SandboxClock;
  /** Folder with real files to serve instead of seeded data. */
  readonly bankData?: string;
}): Promise<Sandbox> {
  const { seed, clock: given, bankData } = options;
  const data = bankData === undefined ? seededData(seed, given) : await filedData(bankData, given);
  const { source, clock, oldest, seeded, warnings } = data;
  const authority = authorityFor(clock);
  const bank = raiffeisenBank({ source, clock, clientIds: [CLIENT_ID] });
  // Real files are Raiffeisenbank's: the company then has no account at the other bank.
  const ceb = csobCebBank({ seed, clock, ...(bankData === undefined ? {} : { accounts: [] }) });
  const erste = ersteBank({ seed, clock, application: APPLICATION, open: bankData === undefined });
  const server = await startBankServer({ bank, authority, clock });
  const cebServer = await startBankServer({ bank: ceb, authority, clock });
  const ersteServer = await startBankServer({ bank: erste, authority, clock });
  return {
    banks: { raiffeisen: bank, 'csob-ceb': ceb, erste },
    origins: { raiffeisen: server.origin, 'csob-ceb': cebServer.origin, erste: ersteServer.origin },
    ca: server.ca,
    certificates: {
      ordinary: issue(authority, 'Provozní certifikát', 'aes-256'),
      legacy: issue(authority, 'Certifikát z bankovnictví', 'rc2-40'),
    },
    issueExpiring: () => issue(authority, 'Dobíhající certifikát', 'aes-256', clock.now() + 20 * DAY),
    clientId: CLIENT_ID,
    application: APPLICATION,
    clock,
    today: pragueDay(clock.now()),
    oldest,
    seeded,
    warnings,
    stop: async () => void (await Promise.all([server.stop(), cebServer.stop(), ersteServer.stop()])),
  };
}

type Data = Pick<Sandbox, 'clock' | 'oldest' | 'seeded' | 'warnings'> & { readonly source: BankSource };

function seededData(seed: string, clock: SandboxClock): Data {
  const source = seededSource({ seed, clock });
  return { source, clock, oldest: source.oldest, seeded: source, warnings: [] };
}

async function filedData(directory: string, clock: SandboxClock): Promise<Data> {
  const { source, today, oldest, warnings } = await readBankData(directory);
  return { source, clock: movedTo(today, clock), oldest, seeded: null, warnings };
}

/** A clock running like the given one, but standing on a day at noon in Prague now; the same one if it does already. */
function movedTo(day: PlainDate, clock: SandboxClock): SandboxClock {
  if (pragueDay(clock.now()) === day) return clock;
  const shift = pragueInstant(day, '12:00:00') - clock.now();
  return { now: () => clock.now() + shift };
}

/** Valid at the machine's time, which TLS checks, and at the banks', which the gateway checks; five years as the bank's. */
function authorityFor(clock: SandboxClock): Authority {
  const times = [Date.now(), clock.now()];
  return createAuthority({
    commonName: 'Simulated bank CA',
    notBefore: Math.min(...times) - DAY,
    notAfter: Math.max(...times) + 5 * 365 * DAY,
  });
}

function issue(
  authority: Authority,
  commonName: string,
  encryption: PfxEncryption,
  notAfter?: number,
): IssuedPfx {
  const { certificatePem, keyPem } = authority.issueClient({
    commonName,
    organisation: 'Lísková & spol. s.r.o.',
    ...(notAfter === undefined ? {} : { notAfter }),
  });
  const passphrase = `heslo-${encryption}`;
  return {
    pfx: writePfx({ certificatePem, keyPem, passphrase, encryption }),
    passphrase,
    serial: new X509Certificate(certificatePem).serialNumber,
  };
}
