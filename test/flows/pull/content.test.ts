import { describe, expect, it } from 'vitest';
import { formatMoney } from '../../../shared/domain/money.ts';
import { checkPromises } from '../../faults/promises.ts';
import type { Stage } from '../../faults/stage.ts';
import {
  accountOf,
  DAY,
  eventsOf,
  firstDay,
  inDownload,
  inJson,
  logged,
  nextSlot,
  play,
  portsWith,
  rowsOf,
  runSlot,
  statementsOf,
  today,
  told,
  truthOf,
  useEngines,
} from './support.ts';

const world = useEngines();
const encode1250 = (text: string): Uint8Array => {
  const table = new TextDecoder('windows-1250').decode(Uint8Array.from({ length: 256 }, (_, n) => n));
  return Uint8Array.from(text, (character) => table.indexOf(character));
};
const messagesOf = async (stage: Stage): Promise<string[]> =>
  (await rowsOf(stage)).flatMap(({ transaction }) => transaction.message ?? []).sort();

describe('row 42: a statement in another encoding than it says', () => {
  const plain = { mode: 'statements', historyDays: 1 } as const;

  it('Windows-1250 announced as UTF-8: read with its accents, flagged, kept byte for byte', async () => {
    const stage = await play(world.engines, plain);
    const texts: string[] = [];
    const ports = portsWith(
      stage,
      inDownload((text) => {
        texts.push(text);
        return encode1250(text);
      }),
    );
    await runSlot(stage, ports);
    const statements = await statementsOf(stage);
    expect(statements.length).toBeGreaterThan(0);
    for (const statement of statements) {
      expect(statement).toMatchObject({ read: true, reconciles: true });
      expect(statement.warnings.some((warning) => warning.startsWith('encoding-differs'))).toBe(true);
    }
    const messages = await messagesOf(stage);
    expect(messages.some((message) => /[ěščřžýáíéúů]/i.test(message))).toBe(true);
    for (const message of messages)
      expect(texts.join().includes(message.replaceAll('&', '&amp;'))).toBe(true);
    const kept = await world.engines.objects(`${stage.companies[0]!.id}/statement/`);
    expect(kept.map(({ bytes }) => Buffer.from(bytes).toString('latin1')).sort()).toEqual(
      texts.map((text) => Buffer.from(encode1250(text)).toString('latin1')).sort(),
    );
  });

  it.each<[string, (text: string) => string]>([
    ['a byte order mark', (text) => `\ufeff${text}`],
    ['other line ends', (text) => text.replaceAll('><', '>\r\n<')],
  ])('%s changes nothing', async (_, change) => {
    const stage = await play(world.engines, plain);
    await runSlot(stage, portsWith(stage, inDownload(change)));
    const account = await accountOf(stage);
    const [first] = await statementsOf(stage);
    expect(await statementsOf(stage)).toMatchObject([{ read: true, reconciles: true }, { read: true }]);
    const last = (await statementsOf(stage)).at(-1)!.to;
    expect(told(await rowsOf(stage))).toEqual(truthOf(stage, account, first!.from, last));
  });

  it('an encoding nobody reads: kept and set aside, never guessed', async () => {
    const stage = await play(world.engines, plain);
    const ports = portsWith(
      stage,
      inDownload((text) => text.replace('encoding="UTF-8"', 'encoding="EBCDIC"')),
    );
    await runSlot(stage, ports);
    expect(await rowsOf(stage)).toEqual([]);
    for (const statement of await statementsOf(stage)) expect(statement.read).toBe(false);
    expect(logged(stage, 'alarm.quarantined').length).toBeGreaterThan(0);
  });
});

describe('row 41: a statement with a document type', () => {
  it('is kept and set aside; nothing in it is resolved', async () => {
    const stage = await play(world.engines, { mode: 'statements', historyDays: 1 });
    const doctype = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y "&x;&x;">]>';
    const ports = portsWith(
      stage,
      inDownload((text) => text.replace('?>', `?>${doctype}`)),
    );
    await runSlot(stage, ports);
    expect(await rowsOf(stage)).toEqual([]);
    const { company, id } = await accountOf(stage);
    expect(await stage.calm.ledgerOf(company, id).quarantined()).toMatchObject([
      { rule: 'doctype' },
      { rule: 'doctype' },
    ]);
    expect((await accountOf(stage)).lastPull).toMatchObject({ outcome: 'complete' });
  });
});

describe('row 44: equal payments on one day', () => {
  it('are both kept, in every mode, and stay two however often they are read', async () => {
    for (const mode of ['statements', 'transactions', 'both'] as const) {
      const stage = await play(world.engines, { mode });
      const account = await accountOf(stage);
      const payment = {
        accountNumber: account.handle,
        currency: account.currency,
        minor: 4_990n,
        variable: '2026001',
        message: 'Stejná platba',
      };
      const references = [stage.bank.source.add(payment), stage.bank.source.add(payment)];
      for (let slot = 0; slot < 4; slot++) {
        await nextSlot(stage, stage.calm, DAY / 2);
      }
      const stored = (await rowsOf(stage)).filter(
        ({ transaction }) => transaction.message === 'Stejná platba',
      );
      expect(stored.map(({ transaction }) => transaction.bankReference).sort()).toEqual(references.sort());
      expect(await checkPromises(stage, world.engines)).toEqual([]);
    }
  });
});

describe('row 45: a late booking', () => {
  it('shown hours after its day, behind the statement of no day, is found within the window', async () => {
    const stage = await play(world.engines, { mode: 'transactions', historyDays: 1 });
    await runSlot(stage);
    const account = await accountOf(stage);
    const reference = stage.bank.source.add({
      accountNumber: account.handle,
      currency: account.currency,
      minor: -5_000n,
      visibleAt: stage.time.now() + 16 * 3_600_000,
    });
    await nextSlot(stage);
    expect((await rowsOf(stage)).some(({ transaction }) => transaction.bankReference === reference)).toBe(
      false,
    );
    await nextSlot(stage, stage.calm, DAY);
    const row = (await rowsOf(stage)).find(({ transaction }) => transaction.bankReference === reference);
    expect(row!.transaction.bookingDate).toBe('2026-09-16');
    expect(await checkPromises(stage, world.engines)).toEqual([]);
  });

  it('a movement announced but not booked is in no ledger', async () => {
    const stage = await play(world.engines, { mode: 'statements', historyDays: 1 });
    const ports = portsWith(
      stage,
      inDownload((text) => text.replace('<Sts>BOOK</Sts>', '<Sts>PDNG</Sts>')),
    );
    await runSlot(stage, ports);
    const account = await accountOf(stage);
    const statements = await statementsOf(stage);
    const from = statements[0]!.from;
    const booked = truthOf(stage, account, from, statements.at(-1)!.to);
    expect((await rowsOf(stage)).length).toBe(booked.length - statements.length);
  });

  it('a text, a symbol or a value date that changes makes no second row', async () => {
    const stage = await play(world.engines, { mode: 'transactions', historyDays: 2 });
    await runSlot(stage);
    const before = told(await rowsOf(stage));
    const drifting = portsWith(
      stage,
      inJson(/\/transactions$/, (body: { transactions: Record<string, unknown>[] }) => {
        for (const row of body.transactions) {
          row['valueDate'] = '2026-09-01';
          row['entryDetails'] = { transactionDetails: { remittanceInformation: { unstructured: 'jinak' } } };
        }
      }),
    );
    await nextSlot(stage, drifting);
    const account = await accountOf(stage);
    expect(told(await rowsOf(stage))).toEqual(truthOf(stage, account, firstDay(account), today(stage)));
    expect(
      before.every((row) => truthOf(stage, account, firstDay(account), today(stage)).includes(row)),
    ).toBe(true);
  });
});

describe('row 46: storno', () => {
  it('is marked, has its own sign, and the rows sum up to the statement', async () => {
    // The simulated bank takes a card payment back every Wednesday.
    const stage = await play(world.engines, {
      mode: 'statements',
      start: Date.parse('2026-09-17T08:00:00Z'),
    });
    await runSlot(stage);
    const rows = await rowsOf(stage);
    const reversals = rows.filter(({ transaction }) => transaction.reversal);
    expect(reversals.length).toBeGreaterThan(0);
    for (const { transaction } of reversals) {
      expect(transaction.amount.minor > 0n).toBe(true);
      const taken = rows.filter((row) => row.transaction.amount.minor === -transaction.amount.minor);
      expect(taken.length).toBeGreaterThan(0);
    }
    for (const statement of await statementsOf(stage)) {
      const sum = rows
        .filter(({ transaction: t }) => t.bookingDate >= statement.from && t.bookingDate <= statement.to)
        .reduce((total, { transaction: t }) => total + t.amount.minor, 0n);
      const opening = BigInt(statement.opening!.replace('.', ''));
      const closing = BigInt(statement.closing!.replace('.', ''));
      expect(formatMoney({ minor: opening + sum, currency: 'CZK' })).toBe(
        formatMoney({ minor: closing, currency: 'CZK' }),
      );
      expect(statement.reconciles).toBe(true);
    }
  });
});

describe('row 49: names that would be paths', () => {
  const hostile = ['../../com_other/statement/x', '..%2f..%2fx', 'a\u0000b', '/etc/passwd', 'č. 1 ‮'];

  it.each(hostile)('a statement number %j reaches no key', async (number) => {
    const stage = await play(world.engines, { mode: 'both', historyDays: 1 });
    const ports = portsWith(stage, (response, request) => {
      const listed = inJson(/\/accounts\/statements$/, (body: { statements: Record<string, unknown>[] }) => {
        for (const statement of body.statements) statement['statementNumber'] = number;
      })(response, request);
      const xml = number.replace('\u0000', '');
      return inDownload((text) =>
        text.replace(/<(LglSeqNb|ElctrncSeqNb)>\d+</g, (_, name: string) => `<${name}>${xml}<`),
      )(listed, request);
    });
    await runSlot(stage, ports);
    const statements = await statementsOf(stage);
    expect(statements.length).toBeGreaterThan(0);
    const tables = await Promise.all(
      Object.values(stage.places).map((table) => world.engines.dump(table as string)),
    );
    const keys = tables.flat().flatMap(({ pk, sk }) => [String(pk), String(sk)]);
    for (const key of keys) expect(key).toMatch(/^[A-Za-z0-9_#:.-]+$/);
    const objects = await world.engines.objects('');
    expect(objects.length).toBeGreaterThan(0);
    for (const { key } of objects)
      expect(key).toMatch(/^com_play\d+_\d\/(statement|transactions|balances)\/[0-9a-f]{64}$/);
    // The event's data may say the number; its subject, which becomes a path of the API, may not.
    for (const { subject } of await eventsOf(stage)) expect(subject).toMatch(/^[A-Za-z0-9_-]+$/);
  });

  it('a statement id the bank made up reaches no key either', async () => {
    const stage = await play(world.engines, { mode: 'statements', historyDays: 1 });
    const ids = new Map<string, string>();
    const ports = {
      ...stage.calm,
      exchange: portsWith(
        stage,
        inJson(/\/accounts\/statements$/, (body: { statements: Record<string, unknown>[] }) => {
          for (const statement of body.statements) {
            const evil = `../${ids.size}/..`;
            ids.set(evil, String(statement['statementId']));
            statement['statementId'] = evil;
          }
        }),
      ).exchange,
    };
    const through = {
      ...ports,
      exchange: (request: Parameters<typeof ports.exchange>[0]) => {
        let body = Buffer.from(request.body ?? []).toString('utf8');
        for (const [evil, id] of ids) body = body.replace(evil, id);
        return ports.exchange({ ...request, body: request.body === null ? null : Buffer.from(body) });
      },
    };
    await runSlot(stage, through);
    const statements = await statementsOf(stage);
    expect(statements.length).toBeGreaterThan(0);
    for (const { id, bankId } of statements) {
      expect(id).toMatch(/^[0-9a-f]{16}$/);
      expect(bankId).toMatch(/^\.\.\//);
    }
  });
});
