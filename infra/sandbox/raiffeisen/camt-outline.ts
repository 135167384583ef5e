import { SaxesParser } from 'saxes';
import { isPlainDate, type PlainDate } from '../../../shared/domain/dates.ts';
import { MoneyError, parseMoney } from '../../../shared/domain/money.ts';

/** What the bank must know about a camt.053 file to list it. Read apart from the gateway's own reader. */
export interface StatementOutline {
  readonly iban: string | null;
  /** `Acct/Id/Othr/Id`. */
  readonly number: string | null;
  readonly currency: string | null;
  readonly ordinal: string | null;
  readonly from: PlainDate | null;
  readonly to: PlainDate | null;
  /** Signed minor units. */
  readonly opening: bigint | null;
  readonly closing: bigint | null;
}

interface Balance {
  code: string;
  amount: string;
  currency: string;
  indicator: string;
  day: string;
}

/**
 * The statements of a file, as far as it can be read: `broken` tells where XML ended to be XML. Whatever the outline
 * needs is ASCII, so bytes are taken one by one, whatever charset the file declares.
 */
export function outlineOf(bytes: Uint8Array): { statements: StatementOutline[]; broken: string | null } {
  const text = Buffer.from(bytes)
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '');
  const drafts: Draft[] = [];
  const parser = new SaxesParser();
  const path: string[] = [];
  let content = '';
  parser.on('opentag', ({ name, attributes }) => {
    path.push(name.replace(/^.*:/, ''));
    content = '';
    const below = belowStatement(path);
    if (below === '') drafts.push({ fields: new Map(), balances: [] });
    const draft = drafts.at(-1);
    if (below === 'Bal') draft?.balances.push({ code: '', amount: '', currency: '', indicator: '', day: '' });
    const balance = draft?.balances.at(-1);
    if (below === 'Bal/Amt' && balance) balance.currency = attributes['Ccy'] ?? '';
  });
  parser.on('text', (part) => {
    content += part;
  });
  parser.on('closetag', () => {
    const below = belowStatement(path);
    const draft = drafts.at(-1);
    if (below !== null && draft) take(draft, below, content.trim());
    path.pop();
    content = '';
  });
  let broken: string | null = null;
  parser.on('error', (error) => {
    throw error;
  });
  try {
    parser.write(text).close();
  } catch (error) {
    broken = error instanceof Error ? error.message : String(error);
  }
  return { statements: drafts.map(finished), broken };
}

interface Draft {
  readonly fields: Map<string, string>;
  readonly balances: Balance[];
}

/** The path below `Stmt`, `''` at itself, `null` outside. */
function belowStatement(path: readonly string[]): string | null {
  const [root, message, statement, ...rest] = path;
  const inside = root === 'Document' && message === 'BkToCstmrStmt' && statement === 'Stmt';
  return inside ? rest.join('/') : null;
}

function take(draft: Draft, below: string, text: string): void {
  const balance = draft.balances.at(-1);
  if (!below.startsWith('Bal/') || !balance) return void draft.fields.set(below, text);
  if (below === 'Bal/Tp/CdOrPrtry/Cd') balance.code = text;
  if (below === 'Bal/Amt') balance.amount = text;
  if (below === 'Bal/CdtDbtInd') balance.indicator = text;
  if (below === 'Bal/Dt/Dt' || below === 'Bal/Dt/DtTm') balance.day = text;
}

function finished({ fields, balances }: Draft): StatementOutline {
  const first = balances.find(({ code }) => code === 'PRCD' || code === 'OPBD');
  const last = balances.findLast(({ code }) => code === 'CLBD');
  const field = (name: string): string | null => fields.get(name) || null;
  return {
    iban: field('Acct/Id/IBAN'),
    number: field('Acct/Id/Othr/Id'),
    currency: field('Acct/Ccy') ?? (balances[0]?.currency || null),
    ordinal: field('LglSeqNb') ?? field('ElctrncSeqNb'),
    from: dayOf(field('FrToDt/FrDtTm')) ?? dayOf(first?.day ?? null),
    to: dayOf(field('FrToDt/ToDtTm')) ?? dayOf(last?.day ?? null),
    opening: minorOf(first),
    closing: minorOf(last),
  };
}

function dayOf(text: string | null): PlainDate | null {
  const day = text?.slice(0, 10) ?? '';
  return isPlainDate(day) ? day : null;
}

function minorOf(balance: Balance | undefined): bigint | null {
  if (!balance) return null;
  try {
    const { minor } = parseMoney(balance.amount, balance.currency);
    return balance.indicator === 'DBIT' ? -minor : minor;
  } catch (error) {
    if (error instanceof MoneyError) return null;
    throw error;
  }
}
