import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { contractLimits } from '../../infra/sandbox/raiffeisen/quota.ts';
import {
  ask,
  CURRENT,
  download,
  EXPORT,
  IDLE,
  seededBank,
  transactionsPath,
  WAGES,
  type Answer,
} from './support.ts';
import { detail, idIn, kpc, upload } from './orders.ts';

const FOLDER = fileURLToPath(new URL('../../../shared/contracts/raiffeisen/', import.meta.url));
const SWAGGER = existsSync(FOLDER) ? `${FOLDER}01rbczpremiumapi.production.yaml` : null;
if (SWAGGER === null)
  console.log("SKIPPED: the bank's Swagger is not beside the checkout; answers are not validated.");

type Schema = Record<string, unknown>;
interface Operation {
  operationId: string;
  responses: Record<string, { schema?: Schema }>;
}

describe.skipIf(SWAGGER === null)("answers follow the bank's Swagger", () => {
  const operations = new Map<string, Operation>();
  let definitions: Schema;
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajvFormats.default(ajv);
  // Swagger's numeric formats say nothing JSON Schema checks.
  for (const format of ['double', 'int32', 'int64', 'decimal', 'binary']) ajv.addFormat(format, true);

  beforeAll(() => {
    const swagger = parse(readFileSync(SWAGGER as string, 'utf8'));
    definitions = swagger.definitions;
    for (const path of Object.values(swagger.paths) as Record<string, Operation>[]) {
      for (const operation of Object.values(path)) operations.set(operation.operationId, operation);
    }
  });

  /** The answer's status is declared and its body has the declared shape. */
  function check(operationId: string, status: number, answer: Answer): void {
    expect(answer.status).toBe(status);
    const declared = operations.get(operationId)?.responses[String(status)];
    expect(declared, `${operationId} declares ${status}`).toBeDefined();
    if (status === 204) return expect(answer.body).toHaveLength(0);
    const validate = ajv.compile({ ...declared?.schema, definitions });
    validate(answer.json);
    expect(validate.errors ?? []).toEqual([]);
  }

  const span = { from: '2026-08-24', to: '2026-11-21' };

  it('getAccounts', async () => {
    const { bank } = seededBank();
    check('getAccounts', 200, await ask(bank, '/accounts'));
    check('getAccounts', 204, await ask(bank, '/accounts', { query: { page: '9' } }));
  });

  it('getBalance', async () => {
    const { bank } = seededBank();
    for (const number of [CURRENT, EXPORT, WAGES, IDLE]) {
      check('getBalance', 200, await ask(bank, `/accounts/${number}/balance`));
    }
    check('getBalance', 404, await ask(bank, '/accounts/1/balance'));
  });

  it('getTransactionList, every kind of movement', async () => {
    const { bank } = seededBank({ pageSize: 1000 });
    for (const [number, currency] of [
      [CURRENT, 'CZK'],
      [CURRENT, 'EUR'],
      [EXPORT, 'EUR'],
      [WAGES, 'CZK'],
    ] as const) {
      check('getTransactionList', 200, await ask(bank, transactionsPath(number, currency), { query: span }));
    }
    const path = transactionsPath(CURRENT, 'CZK');
    check('getTransactionList', 204, await ask(bank, transactionsPath(IDLE, 'CZK'), { query: span }));
    check('getTransactionList', 400, await ask(bank, path, { query: { ...span, from: '2026-08-22' } }));
    check('getTransactionList', 404, await ask(bank, transactionsPath('77', 'CZK'), { query: span }));
  });

  it('getStatements', async () => {
    const { bank } = seededBank();
    const list = (body: unknown) => ask(bank, '/accounts/statements', { query: { size: '400' }, body });
    check('getStatements', 200, await list({ accountNumber: CURRENT }));
    check('getStatements', 204, await list({ accountNumber: IDLE }));
    check('getStatements', 400, await list({ accountNumber: CURRENT, dateFrom: '2026-13-01' }));
    check('getStatements', 404, await list({ accountNumber: '1' }));
  });

  it('downloadStatement', async () => {
    const { bank, source } = seededBank();
    const mt940Only = source.statements(EXPORT).find(({ lines }) => lines[0] === 'MT940');
    check('downloadStatement', 204, await download(bank, EXPORT, mt940Only?.id ?? '', 'pdf'));
    check('downloadStatement', 404, await download(bank, EXPORT, 'unknown', 'pdf'));
  });

  it('getFxRatesList, getFxRates', async () => {
    const { bank } = seededBank();
    check('getFxRatesList', 200, await ask(bank, '/fxrates', { certificate: null }));
    check('getFxRatesList', 200, await ask(bank, '/fxrates', { query: { date: '2026-11-03' } }));
    check('getFxRates', 200, await ask(bank, '/fxrates/EUR', { certificate: null }));
    check('getFxRates', 200, await ask(bank, '/fxrates/XXX'));
  });

  it('importPayments, getBatchDetail', async () => {
    const { bank, clock } = seededBank();
    const taken = await upload(bank, kpc());
    check('importPayments', 200, taken);
    check('importPayments', 400, await upload(bank, kpc()));
    check('importPayments', 400, await upload(bank, kpc({ sum: 1 })));
    const headers = { 'batch-import-format': 'CCT' };
    check('importPayments', 400, await upload(bank, kpc(), { headers }));
    check('importPayments', 415, await upload(bank, kpc(), { headers: { 'content-type': 'text/csv' } }));
    const id = idIn(taken);
    for (let stage = 0; stage < 8; stage++) {
      check('getBatchDetail', 200, await detail(bank, id));
      clock.advance(1_000);
      if (stage === 4) bank.sign(id);
    }
    check('getBatchDetail', 404, await detail(bank, '1'));
    check('getBatchDetail', 400, await detail(bank, 'x'));
  });

  it('401, 403 and 429 of every operation that declares them', async () => {
    const paths = {
      getAccounts: '/accounts',
      getBalance: `/accounts/${CURRENT}/balance`,
      getTransactionList: transactionsPath(CURRENT, 'CZK'),
      getStatements: '/accounts/statements',
      downloadStatement: '/accounts/statements/download',
      importPayments: '/payments/batches',
      getBatchDetail: '/payments/batches/1',
    };
    for (const [operation, path] of Object.entries(paths)) {
      const { bank } = seededBank({ limits: (name) => ({ ...contractLimits(name), perSecond: 3 }) });
      const body = /statements|batches$/.test(path) ? { body: {} } : {};
      check(operation, 401, await ask(bank, path, { ...body, certificate: null }));
      bank.block('0A01');
      const blocked = await ask(bank, path, body);
      check(operation, 401, blocked);
      expect(blocked.json.error).toBe('INVALID_REQUEST');
      bank.unblock('0A01');
      bank.restrict('0A01', { operations: [] });
      check(operation, 403, await ask(bank, path, body));
      await ask(bank, path, body);
      check(operation, 429, await ask(bank, path, body));
    }
  });
});
