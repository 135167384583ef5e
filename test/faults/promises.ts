import { addDays, dateIn } from '../../shared/domain/dates.ts';
import type { Account } from '../../shared/domain/records.ts';
import type { Item } from '../../shared/store/dynamo.ts';
import { ledgerPartition } from '../../shared/store/keys.ts';
import type { Engines } from './engines.ts';
import type { Company, Stage } from './stage.ts';

const PRAGUE = 'Europe/Prague';

/** Holds the world against the promises of the design (chapter 9) that a pull can break: 3 to 6. */
export async function checkPromises(stage: Stage, engines: Engines): Promise<string[]> {
  const [connections, ledger, events] = await Promise.all(
    [stage.places.connections, stage.places.ledger, stage.places.events].map((table) => engines.dump(table)),
  );
  const violations: string[] = [];
  for (const company of stage.companies) {
    const accounts = connections!.filter(
      ({ pk, sk }) => pk === company.id && String(sk).startsWith('account#'),
    );
    for (const account of accounts as unknown as Account[]) {
      violations.push(...rowsAreTheBanks(stage, account, ledger!));
    }
    violations.push(...feedTellsEverything(company, ledger!, events!));
    violations.push(...belongsToItsCompany(stage, company, ledger!, events!));
  }
  violations.push(...(await secretsStayInTheVault(stage, engines, [connections!, ledger!, events!])));
  violations.push(...quotaWasKept(stage), ...everyPullEnded(stage, ledger!));
  return violations;
}

const under = (items: readonly Item[], pk: string, prefix: string): Item[] =>
  items.filter((item) => item['pk'] === pk && String(item['sk']).startsWith(prefix));

/** Promise 3: the booked rows stored are the booked rows at the bank, none lost, none doubled. */
function rowsAreTheBanks(stage: Stage, account: Account, ledger: readonly Item[]): string[] {
  const created = dateIn(PRAGUE, Date.parse(account.createdAt));
  const from = addDays(created, -account.settings.historyDays - 1);
  const { mode } = account.settings;
  const { source } = stage.bank;
  // By statements alone a day is known once its statement is out.
  const issued = source
    .statements(account.handle)
    .filter(({ currency, lines }) => currency === account.currency && lines.includes('MAIN'))
    .map((statement) => statement.to);
  const to = mode === 'statements' ? issued.toSorted().at(-1)! : dateIn(PRAGUE, stage.time.now());
  const booked = (last: string) => source.booked(account.handle, account.currency, from, last);
  const truth = new Map(booked(dateIn(PRAGUE, stage.time.now())).map((row) => [row.entryReference, row]));
  const rows = under(ledger, ledgerPartition(account.company, account.id), 'transaction#');
  const seen = new Map<string, number>();
  const violations: string[] = [];
  for (const row of rows) {
    const reference = String(row['reference']);
    seen.set(reference, (seen.get(reference) ?? 0) + 1);
    const truthful = truth.get(reference);
    // A first statement may reach back before the window; what it says must still be true.
    if (!truthful && String(row['bookingDate']) < from) continue;
    if (!truthful) violations.push(`3: ${account.id} stores ${reference}, which the bank does not know`);
    else if (truthful.minor !== BigInt(row['minor'] as string) || truthful.date !== row['bookingDate']) {
      violations.push(`3: ${account.id} stores ${reference} with another amount or day`);
    }
  }
  for (const [reference, times] of seen) {
    if (times > 1) violations.push(`3: ${account.id} stores ${reference} ${times} times`);
  }
  for (const { entryReference, date } of booked(to)) {
    if (!seen.has(entryReference))
      violations.push(`3: ${account.id} (${mode}) lost ${entryReference} of ${date}`);
  }
  if (account.lastPull?.outcome !== 'complete') {
    violations.push(
      `3: ${account.id} did not come to rest: ${account.lastPull?.failure?.message ?? 'never pulled'}`,
    );
  }
  return violations;
}

/** Promise 4: every state change is in exactly one event, and the feed has no hole. */
function feedTellsEverything(company: Company, ledger: readonly Item[], events: readonly Item[]): string[] {
  const feed = under(events, company.id, 'event#').sort((a, b) =>
    String(a['sk']) < String(b['sk']) ? -1 : 1,
  );
  const violations: string[] = [];
  feed.forEach((event, at) => {
    if (event['sequence'] !== at + 1) violations.push(`4: ${company.id} has a hole before event ${at + 1}`);
  });
  const told = new Map<string, number>();
  const tell = (name: string): void => void told.set(name, (told.get(name) ?? 0) + 1);
  for (const event of feed) {
    const data = event['data'] as Record<string, unknown>;
    if (event['type'] === 'transactions.booked') {
      for (const id of data['transactions'] as string[]) tell(`${String(event['subject'])} ${id}`);
    }
    if (event['type'] === 'statement.received') tell(String(event['subject']));
  }
  for (const { id } of company.accounts) {
    const partition = ledgerPartition(company.id, id);
    for (const row of under(ledger, partition, 'transaction#')) {
      const name = `${id} ${String(row['bookingDate'])}.${String(row['id'])}`;
      if (told.get(name) !== 1) violations.push(`4: ${name} is in ${told.get(name) ?? 0} events`);
      told.delete(name);
    }
    for (const statement of under(ledger, partition, 'statement#')) {
      const name = `${id}-${String(statement['to']).replaceAll('-', '')}-${String(statement['id'])}`;
      if (told.get(name) !== 1) violations.push(`4: ${name} is in ${told.get(name) ?? 0} events`);
      told.delete(name);
    }
  }
  for (const name of told.keys()) violations.push(`4: an event tells of ${name}, which is not stored`);
  return violations;
}

/** Promise 5: no secret outside the vault. */
export async function secretsStayInTheVault(
  stage: Pick<Stage, 'lines' | 'queue' | 'companies' | 'canaries'>,
  engines: Engines,
  tables: readonly (readonly Item[])[],
): Promise<string[]> {
  const places: [string, string][] = [
    ['a log', stage.lines.join('\n')],
    [
      'a table',
      JSON.stringify(tables, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
    ],
    ['the queue', JSON.stringify(stage.queue)],
  ];
  for (const { id } of stage.companies) {
    for (const { key, bytes } of await engines.objects(`${id}/`)) {
      places.push(['the archive', key + Buffer.from(bytes).toString('latin1')]);
    }
  }
  return stage.canaries.flatMap((canary) =>
    places.filter(([, text]) => text.includes(canary)).map(([place]) => `5: a secret stands in ${place}`),
  );
}

/** Promise 6: what stands under a company is that company's, and nothing stands under nobody. */
function belongsToItsCompany(
  stage: Stage,
  company: Company,
  ledger: readonly Item[],
  events: readonly Item[],
): string[] {
  const partitions = new Set(company.accounts.map(({ id }) => ledgerPartition(company.id, id)));
  const foreign = ledger.filter(
    ({ pk }) => String(pk).startsWith(`${company.id}#`) && !partitions.has(String(pk)),
  );
  const subjects = new Set(
    stage.companies
      .filter((other) => other !== company)
      .flatMap(({ accounts }) => accounts.map(({ id }) => id)),
  );
  const leaked = under(events, company.id, 'event#').filter((event) =>
    subjects.has(String(event['subject'])),
  );
  return [
    ...foreign.map(({ pk }) => `6: ${String(pk)} is no account of ${company.id}`),
    ...leaked.map((event) => `6: ${company.id} hears of ${String(event['subject'])}`),
  ];
}

/** Row 8 of the fault list: however many runs share a certificate, the bank never has to say 429 by itself. */
function quotaWasKept(stage: Stage): string[] {
  const perSecond = new Map<string, number>();
  for (const { at, operation, certificate } of stage.bank.requests()) {
    const key = `${certificate} ${operation} ${Math.floor(at / 1000)}`;
    perSecond.set(key, (perSecond.get(key) ?? 0) + 1);
  }
  return [...perSecond]
    .filter(([, calls]) => calls > 10)
    .map(([key, calls]) => `quota: ${calls} calls in one second (${key})`);
}

/** What somebody asked for ends, and says how. */
function everyPullEnded(stage: Stage, ledger: readonly Item[]): string[] {
  return stage.asked.flatMap(({ id }) => {
    const status = ledger.find(({ sk }) => sk === `pull#${id}`)?.['status'];
    return status === 'done' || status === 'failed' ? [] : [`4: the pull ${id} is ${String(status)}`];
  });
}
