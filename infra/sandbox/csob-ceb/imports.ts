import { createHash } from 'node:crypto';
import { addDays } from '../../../shared/domain/dates.ts';
import { pragueDay } from '../prague.ts';
import type { SandboxClock } from '../types.ts';
import type { Books } from './books.ts';
import { converted } from '../conversion.ts';
import { readTxtZps } from './foreign-file.ts';
import { ContentError, readAbo, readSepa, type FiledPayment } from './order-files.ts';
import { protocolFile, type Verdict } from './protocol-file.ts';

/** A file announced with Start: where its bytes may be brought, and what came. */
interface Announced {
  readonly name: string;
  readonly hash: string;
  readonly format: string;
  /** `''` when none was named. */
  readonly separator: string;
  readonly mode: string;
  readonly announcedAt: number;
  bytes: Uint8Array | null;
}

/** A file that Finish had imported. */
export interface Import {
  readonly id: string;
  readonly number: number;
  readonly guid: string;
  readonly hash: string;
  readonly importedAt: number;
  /** `GrpSts` of the protocol. */
  readonly status: string;
  readonly verdicts: readonly Verdict[];
  readonly protocol: Uint8Array;
  signedAt: number | null;
  discarded: boolean;
  booked: number;
}

/** An order as the bank holds it, however often somebody brought it. */
export interface HeldOrder {
  /** The gateway's id (`pay_…`) in the name of the file, or the whole name where there is none. */
  readonly id: string;
  /** Number of its last import. */
  readonly bankId: string;
  /** How many times the bank imported it: more than one is a payment sent twice. */
  readonly copies: number;
  /** Payments booked, or to be booked on their day, in all copies together. */
  readonly booked: number;
  /** The bank took nothing of it. */
  readonly rejected: boolean;
  readonly state: 'rejected' | 'waiting' | 'signed' | 'discarded';
}

/** What people do in CEB, and what a test can have the bank find wrong. Unknown ids are an error. */
export interface OrderLevers {
  orders(): readonly HeldOrder[];
  orderOf(id: string): HeldOrder | undefined;
  /** Authorises an order: its payments are booked today, later ones on their day. */
  sign(id: string): void;
  /** Throws an order out of the waiting room. */
  discard(id: string): void;
  /** Every order is authorised by itself so many milliseconds after it was imported; `null` (at first) = never. */
  signAfter(milliseconds: number | null): void;
  /** The next file imported has these payments, counted from 1, refused. */
  refuse(...ordinals: readonly number[]): void;
  /** The next protocol has this code for the whole. */
  answerWith(code: string): void;
}

export interface Imports extends OrderLevers {
  /** @returns a token for the address of the upload; `null` when the bank refuses the file */
  announce(file: Omit<Announced, 'announcedAt' | 'bytes'>, size: number): string | null;
  /** @returns the id of the stored file; `null` for an unknown or expired token */
  store(token: string, bytes: Uint8Array): string | null;
  /** Imports a stored file. @returns whether it did */
  finish(file: { name: string; hash: string; fileId: string; guid: string }): boolean;
  /** Protocols of an installation. */
  protocols(guid: string): readonly Import[];
  advance(): void;
}

const DAY = 86_400_000;
/** Files of the same content are refused for so long. */
const MEMORY = 30 * DAY;
/** Ours: how long an address for an upload is good is not told. */
const ADDRESS_LIFE = 3_600_000;
const FORMATS = ['ABO', 'XML SEPA', 'TXT ZPS'];
const MODES = ['IncludeIncorrect', 'OnlyCorrect', 'AllOrNothing'];
/** The manual's limit; the schema has 250. */
const MAX_NAME = 50;

export function openImports(books: Books, clock: SandboxClock): Imports {
  const announced = new Map<string, Announced>();
  const stored = new Map<string, Announced>();
  const imported: (Import & { readonly name: string })[] = [];
  let tokens = 0;
  let refusals: readonly number[] = [];
  let code: string | null = null;
  let signAfter: number | null = null;

  const token = (kind: string): string => {
    tokens += 1;
    return createHash('sha256').update(`${kind}${tokens}`).digest('base64url');
  };
  const known = (hash: string): boolean =>
    imported.some((one) => one.hash === hash && clock.now() - one.importedAt < MEMORY);
  const named = (id: string): Import => {
    const found = imported.findLast(({ name }) => orderIn(name) === id);
    if (found) return found;
    throw new Error(`The simulated bank has no order ${id}.`);
  };

  function sign(one: Import): void {
    if (one.discarded || one.status === 'RJCT') throw new Error(`Order ${one.id} cannot be signed.`);
    if (one.signedAt !== null) return;
    one.signedAt = clock.now();
    for (const { payment, refusal } of one.verdicts) {
      if (refusal !== null) continue;
      const account = books.accountOf(payment.account)!;
      const today = pragueDay(clock.now());
      // What is closed cannot be booked any more; between midnight and the nightly run that is not yesterday.
      const earliest = books.statements(account).at(-1)?.day ?? addDays(today, -1);
      const day = payment.day > today ? payment.day : today > earliest ? today : addDays(earliest, 1);
      const { minor, currency, charges } = payment;
      const debited = converted(minor, currency, account.currency)!;
      books.book(account, {
        day,
        minor: -debited.minor,
        original: currency === account.currency ? null : { minor, currency, rate: debited.rate },
        kind:
          charges !== null
            ? `Zahraniční platba ${charges}`
            : payment.party.iban === null
              ? 'Odchozí úhrada'
              : 'SEPA platba odchozí',
        party: payment.party,
        variable: payment.variable,
        constant: payment.constant,
        specific: payment.specific,
        message: payment.message,
        reference: payment.reference,
      });
      one.booked += 1;
    }
  }

  const orders = (): HeldOrder[] =>
    [...Map.groupBy(imported, ({ name }) => orderIn(name))].map(([id, copies]) => {
      const last = copies.at(-1)!;
      return {
        id,
        bankId: String(last.number),
        copies: copies.length,
        booked: copies.reduce((total, { booked }) => total + booked, 0),
        rejected: copies.every(({ status }) => status === 'RJCT'),
        state:
          last.status === 'RJCT'
            ? 'rejected'
            : last.discarded
              ? 'discarded'
              : last.signedAt === null
                ? 'waiting'
                : 'signed',
      };
    });

  return {
    announce(file, size) {
      const { name, hash, format, mode } = file;
      const fits = name.length <= MAX_NAME && size > 0 && FORMATS.includes(format) && MODES.includes(mode);
      if (!fits || known(hash)) return null;
      const key = token('up');
      announced.set(key, { ...file, announcedAt: clock.now(), bytes: null });
      return key;
    },
    store(key, bytes) {
      const file = announced.get(key);
      if (!file || clock.now() - file.announcedAt > ADDRESS_LIFE) return null;
      file.bytes = bytes;
      const fileId = `${token('file')}==`;
      stored.set(fileId, file);
      return fileId;
    },
    finish({ name, hash, fileId, guid }) {
      const file = stored.get(fileId);
      const real = file?.bytes ? createHash('sha256').update(file.bytes).digest('hex') : null;
      if (!file || file.name !== name || real !== hash.toLowerCase() || known(real)) return false;
      const number = 2_000_001 + imported.length;
      const payments = read(file);
      const verdicts = payments.map((payment, at) => verdictOf(payment, at + 1));
      const status = code ?? statusOf(verdicts, file.mode);
      const protocol = protocolFile({ number, at: clock.now(), status, verdicts });
      const state = { importedAt: clock.now(), signedAt: null, discarded: false, booked: 0 };
      imported.push({
        id: orderIn(name),
        name,
        number,
        guid,
        hash: real,
        status,
        verdicts,
        protocol,
        ...state,
      });
      refusals = [];
      code = null;
      return true;
    },
    protocols: (guid) => imported.filter((one) => one.guid === guid),
    advance() {
      for (const one of imported) {
        const due = signAfter !== null && clock.now() >= one.importedAt + signAfter;
        if (due && one.status !== 'RJCT' && !one.discarded) sign(one);
      }
    },
    orders,
    orderOf: (id) => orders().find((order) => order.id === id),
    sign: (id) => sign(named(id)),
    discard: (id) => void (named(id).discarded = true),
    signAfter: (milliseconds) => void (signAfter = milliseconds),
    refuse: (...ordinals) => void (refusals = ordinals),
    answerWith: (given) => void (code = given),
  };

  function verdictOf(payment: FiledPayment, ordinal: number): Verdict {
    const account = books.accountOf(payment.account);
    const { accountCurrency, currency } = payment;
    const served =
      account !== undefined &&
      (accountCurrency === null || accountCurrency === account.currency) &&
      converted(payment.minor, currency, account.currency) !== null;
    const refused = refusals.includes(ordinal) || !served;
    return { payment, ordinal, refusal: refused ? '065525' : null };
  }
}

const orderIn = (name: string): string => /pay_[A-Za-z0-9]+/.exec(name)?.[0] ?? name;

/** Payments of a stored file; none of one that does not match its format. */
function read({ format, separator, bytes }: Announced): FiledPayment[] {
  try {
    if (format === 'TXT ZPS') return readTxtZps(bytes!, separator);
    return (format === 'ABO' ? readAbo : readSepa)(bytes!);
  } catch (error) {
    if (error instanceof ContentError || error instanceof TypeError) return [];
    throw error;
  }
}

function statusOf(verdicts: readonly Verdict[], mode: string): string {
  const refused = verdicts.filter(({ refusal }) => refusal !== null).length;
  if (refused === 0 && verdicts.length > 0) return 'ACCP';
  return mode === 'AllOrNothing' || refused === verdicts.length ? 'RJCT' : 'PART';
}
