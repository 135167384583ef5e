import { maySee, type Caller } from '../../api/caller.ts';
import { Problem, unprocessable } from '../../api/problem.ts';
import { isoInstant } from '../../domain/dates.ts';
import { VERIFICATIONS, type Hook, type Mapping, type Source, type Verification } from '../../domain/hook.ts';
import { newId } from '../../domain/id.ts';
import { exponentOf } from '../../domain/money.ts';
import type { Account } from '../../domain/records.ts';
import type { Secret } from '../../domain/secret.ts';
import type { OrderFinding } from '../payments/order.ts';
import { isPointer } from './pointer.ts';
import { sealContext } from './receive.ts';
import { newHookSecret } from './signature.ts';
import type { HookPorts } from './submission.ts';

/** A hook as an administrator describes it. */
export interface HookInput {
  readonly name: string;
  readonly user?: string | undefined;
  readonly verification: {
    readonly kind: (typeof VERIFICATIONS)[number];
    readonly header?: string | undefined;
    readonly encoding?: 'hex' | 'base64' | undefined;
    readonly prefix?: string | undefined;
  };
  readonly idempotencyKey?: string | undefined;
  readonly accounts: readonly string[];
  readonly limits: Readonly<Record<string, string>>;
  readonly mapping: Mapping;
}

/**
 * Makes a hook. Its secret is made here, shown in this answer and kept sealed.
 * @throws Problem 403 for a key that may not pay, 422 with every finding
 */
export async function createHook(
  ports: Pick<HookPorts, 'hooks' | 'seal' | 'clock' | 'random' | 'accounts'>,
  caller: Caller,
  input: HookInput,
): Promise<{ hook: Hook; secret: Secret }> {
  requirePay(caller);
  const user = input.user ?? caller.user;
  const { verification, findings } = verificationOf(input.verification);
  const accounts = await ports.accounts.getMany(caller.company, [...new Set(input.accounts)]);
  findings.push(
    ...ownerFindings(caller, user),
    ...keyFindings(input),
    ...accountFindings(caller, user, input, accounts),
    ...limitFindings(input.limits),
    ...mappingFindings(input.mapping),
  );
  if (findings.length > 0) {
    throw unprocessable('invalid-hook', 'Nothing was made. Correct what "errors" lists.', findings);
  }
  const now = ports.clock.now();
  const id = newId('hook', now, ports.random);
  const secret = newHookSecret(verification.kind, ports.random);
  const hook: Hook = {
    id,
    company: caller.company,
    name: input.name,
    user,
    createdBy: caller.key,
    verification,
    idempotencyKey: input.idempotencyKey ?? null,
    accounts: accounts.map((account) => account.id),
    limits: input.limits,
    mapping: input.mapping,
    sealed: await ports.seal.close(secret, sealContext({ company: caller.company, id })),
    usage: null,
    revision: 1,
    createdAt: isoInstant(now),
    lastOrderAt: null,
  };
  await ports.hooks.add(hook);
  return { hook, secret };
}

/** Who may not pay makes nothing that pays. */
function requirePay({ scopes }: Caller): void {
  if (scopes.includes('pay')) return;
  throw new Problem({
    status: 403,
    code: 'scope-missing',
    title: 'The API key may not do this',
    detail: 'A hook submits payments: making one needs a key with both scopes, "admin" and "pay".',
  });
}

function ownerFindings(caller: Caller, user: string | null): OrderFinding[] {
  if (caller.user === null || user === caller.user) return [];
  return [{ pointer: '/user', detail: `A key of the user "${caller.user}" makes hooks of that user only` }];
}

function verificationOf({ kind, header, encoding, prefix }: HookInput['verification']): {
  verification: Verification;
  findings: OrderFinding[];
} {
  const findings: OrderFinding[] = [];
  const find = (field: string, detail: string) =>
    void findings.push({ pointer: `/verification/${field}`, detail });
  if (kind === 'standard-webhooks') {
    const given = Object.entries({ header, encoding, prefix }).filter(([, value]) => value !== undefined);
    for (const [field] of given) find(field, 'Standard Webhooks lays this down itself: leave it out');
    return { verification: { kind }, findings };
  }
  if (header === undefined) find('header', 'Name the header in which the message proves itself');
  const name = header?.toLowerCase() ?? '';
  if (kind === 'hmac') {
    if (encoding === undefined) find('encoding', 'Say how the signature is written: hex or base64');
    return {
      verification: { kind, header: name, encoding: encoding ?? 'hex', prefix: prefix ?? '' },
      findings,
    };
  }
  for (const [field, value] of Object.entries({ encoding, prefix })) {
    if (value !== undefined) find(field, 'The header is the secret itself: leave this out');
  }
  return { verification: { kind, header: name }, findings };
}

function keyFindings({ verification, idempotencyKey }: HookInput): OrderFinding[] {
  const find = (detail: string): OrderFinding[] => [{ pointer: '/idempotencyKey', detail }];
  if (verification.kind === 'standard-webhooks') {
    return idempotencyKey === undefined ? [] : find('The signed message id is the key: leave this out');
  }
  if (idempotencyKey === undefined)
    return find('Say where in the message its own id stands (a JSON pointer)');
  return isPointer(idempotencyKey) ? [] : find(NO_POINTER);
}

/** The accounts must be the caller's to show and the owner's to use. */
function accountFindings(
  caller: Caller,
  user: string | null,
  { accounts, mapping }: HookInput,
  found: readonly Account[],
): OrderFinding[] {
  const usable = new Set(
    found
      .filter((account) => maySee(caller, account.user) && (account.user === null || account.user === user))
      .map(({ id }) => id),
  );
  const findings = accounts.flatMap((id, at) =>
    usable.has(id) ? [] : [{ pointer: `/accounts/${at}`, detail: 'There is no such account for this hook' }],
  );
  const { constant } = mapping.account;
  if (constant !== undefined && !accounts.includes(constant)) {
    findings.push({ pointer: '/mapping/account/constant', detail: 'This is none of the hook’s accounts' });
  }
  return findings;
}

function limitFindings(limits: HookInput['limits']): OrderFinding[] {
  if (Object.keys(limits).length === 0) {
    return [
      { pointer: '/limits', detail: 'Give the highest sum of a day, by currency: {"CZK": "100000.00"}' },
    ];
  }
  return Object.entries(limits).flatMap(([currency, sum]) => {
    const [, decimals = ''] = sum.split('.');
    if (decimals.length <= exponentOf(currency)) return [];
    return [{ pointer: `/limits/${currency}`, detail: `${currency} has fewer decimals than this` }];
  });
}

const NO_POINTER = 'This is no JSON pointer (RFC 6901): /order/id, or empty for the whole message';

function mappingFindings({ account, executionDate, priority, payments, payment }: Mapping): OrderFinding[] {
  const { creditor, creditorAddress = {}, creditorBank = {}, ...fields } = payment;
  const sources: [string, Source | undefined][] = [
    ['/mapping/account', account],
    ['/mapping/executionDate', executionDate],
    ['/mapping/priority', priority],
    ...within('/mapping/payment', fields),
    ...within('/mapping/payment/creditor', creditor),
    ...within('/mapping/payment/creditorAddress', creditorAddress),
    ...within('/mapping/payment/creditorBank', creditorBank),
  ];
  const findings = sources.flatMap(([pointer, source]) => (source ? sourceFindings(pointer, source) : []));
  const find = (pointer: string, detail: string) =>
    void findings.push({ pointer: `/mapping${pointer}`, detail });
  if (!isPointer(payments)) find('/payments', NO_POINTER);
  for (const name of ['amount', 'currency'] as const) {
    if (!fields[name]) find(`/payment/${name}`, 'Every payment has this: say where it stands');
  }
  const { account: whole, iban, number, bankCode } = creditor;
  if (!whole && !iban && !number) find('/payment/creditor', 'Say where the account to pay to stands');
  if (whole && (iban || number || bankCode)) {
    find('/payment/creditor/account', 'Map the account whole or in parts, not both');
  }
  return findings;
}

/** Sources with the pointers of their own places. */
const within = (
  pointer: string,
  sources: Readonly<Record<string, Source | undefined>>,
): [string, Source | undefined][] =>
  Object.entries(sources).map(([name, source]) => [`${pointer}/${name}`, source]);

function sourceFindings(at: string, { constant, pointer, from, optional }: Source): OrderFinding[] {
  if ((constant === undefined) === (pointer === undefined)) {
    return [{ pointer: at, detail: 'Give either a constant or a pointer' }];
  }
  if (constant !== undefined) {
    const given = Object.entries({ from, optional }).filter(([, value]) => value !== undefined);
    return given.map(([field]) => ({
      pointer: `${at}/${field}`,
      detail: 'A constant stands nowhere: leave this out',
    }));
  }
  return isPointer(pointer!) ? [] : [{ pointer: `${at}/pointer`, detail: NO_POINTER }];
}
