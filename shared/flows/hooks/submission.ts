import { Problem } from '../../api/problem.ts';
import { orderInput } from '../../api/routes/payments.ts';
import type { Hook } from '../../domain/hook.ts';
import type { Account } from '../../domain/records.ts';
import { parseJson } from '../../domain/json.ts';
import type { Accounts } from '../../store/accounts.ts';
import type { Hooks } from '../../store/hooks.ts';
import type { Seal } from '../../store/seal.ts';
import { invalidOrder, type AcceptPorts, type Submission } from '../payments/accept.ts';
import { draftOfJson, type Draft, type OrderFinding } from '../payments/order.ts';
import { chargeHook } from './limit.ts';
import { mapOrder, scalarText, type MappedOrder } from './map.ts';
import { payerAmong, writtenAs } from './payer.ts';
import { valueAt } from './pointer.ts';
import { messageId, type Message } from './signature.ts';

/** What a message to a hook becomes: the order it describes, with what binds the hook. */

export interface HookPorts extends AcceptPorts {
  readonly hooks: Hooks;
  readonly seal: Seal;
  readonly accounts: Accounts;
}

/** A message that was read: its JSON, and the key by which it is known again. */
export interface HookRequest extends Pick<Submission, 'idempotencyKey' | 'bytes' | 'mediaType'> {
  readonly body: unknown;
}

const LONGEST_KEY = 255;

/** @throws Problem 400 for a message that is no JSON or has no idempotency key */
export function requestOf(hook: Hook, message: Message): HookRequest {
  const body = jsonOf(message.bytes);
  return {
    body,
    // Keys of the API hold no blank: the two kinds never meet, nor do two hooks.
    idempotencyKey: `hook ${hook.id} ${keyOf(hook, message, body)}`,
    bytes: message.bytes,
    // JSON, whatever its sender calls it.
    mediaType: 'application/json',
  };
}

/**
 * @returns the order, and where in the message stands what a finding speaks of
 * @throws Problem 422 with every finding of the mapping, each by its place in the message
 */
export async function submissionOf(
  ports: HookPorts,
  hook: Hook,
  { body, ...request }: HookRequest,
): Promise<{ submission: Submission; placeOf: MappedOrder['placeOf'] }> {
  const mapped = mapOrder(body, hook.mapping);
  const { placeOf } = mapped;
  const draft = await inPlace(placeOf, async () => draftOf(mapped, await payerOf(ports, hook, mapped)));
  const submission: Submission = {
    ...request,
    caller: { company: hook.company, key: hook.createdBy, user: hook.user },
    source: 'hook',
    hook: hook.id,
    draft,
    // Whoever sees one message knows a static secret: a person looks at each order.
    alwaysApprove: hook.verification.kind === 'static',
    charge: async (payment) => [await chargeHook(ports, hook, payment)],
  };
  return { submission, placeOf };
}

/** Does something whose findings speak of our order, and lets them speak of the message. */
export async function inPlace<T>(placeOf: MappedOrder['placeOf'], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem) || !error.fields.errors) throw error;
    throw new Problem({ ...error.fields, errors: placed(placeOf, error.fields.errors) });
  }
}

export const placed = (
  placeOf: MappedOrder['placeOf'],
  findings: readonly OrderFinding[],
): readonly OrderFinding[] => findings.map(({ pointer, detail }) => ({ pointer: placeOf(pointer), detail }));

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return parseJson(bytes);
  } catch {
    throw badMessage('not-json', 'Message is not JSON', 'Send the order as JSON in UTF-8.');
  }
}

/** The id of a Standard Webhooks message is signed; any other header is not, so the key stands in the body there. */
function keyOf(hook: Hook, message: Message, body: unknown): string {
  const key =
    hook.idempotencyKey === null ? messageId(message) : scalarText(valueAt(body, hook.idempotencyKey));
  if (key !== null && key !== '' && key.length <= LONGEST_KEY) return key;
  const place = hook.idempotencyKey ?? '';
  const detail =
    `The message needs an id of its own at "${place}" (a text or number, 1 to ${LONGEST_KEY} characters), and the ` +
    'same one when it is repeated: then it is never paid twice.';
  throw badMessage('idempotency-key-missing', 'Idempotency key missing', detail, place);
}

const badMessage = (code: string, title: string, detail: string, pointer?: string): Problem =>
  new Problem({
    status: 400,
    code,
    title,
    detail,
    ...(pointer === undefined ? {} : { errors: [{ pointer, detail: 'Missing, or no text or number' }] }),
  });

/** The account that pays, `null` when the hook may not use what the message names. */
async function payerOf(
  { accounts }: HookPorts,
  hook: Hook,
  { account, payments }: MappedOrder,
): Promise<Account | null> {
  if (account === undefined) return null;
  const all = await accounts.list(hook.company);
  const { constant } = hook.mapping.account;
  const fixed = all.find(({ id }) => id === constant);
  if (constant !== undefined && !fixed) return null;
  return payerAmong(
    all,
    fixed ? writtenAs(fixed) : account,
    payments[0]?.currency,
    ({ id, user }) =>
      hook.accounts.includes(id) && (user === null || user === hook.user) && (!fixed || id === constant),
  );
}

/** @throws Problem 422, by the pointers of our own order */
function draftOf(mapped: MappedOrder, account: Account | null): Draft {
  const { executionDate, priority, payments } = mapped;
  const findings = [...mapped.findings];
  if (!account && !findings.some(({ pointer }) => pointer === '/account')) {
    findings.push({ pointer: '/account', detail: 'This is none of the accounts this hook may pay from' });
  }
  const known = new Set(findings.map(({ pointer }) => pointer));
  const parsed = orderInput.safeParse({
    // The account is found already; its id says nothing about the message.
    account: account?.id ?? 'none',
    payments,
    ...(executionDate === undefined ? {} : { executionDate }),
    ...(priority === undefined ? {} : { priority }),
  });
  const issues = (parsed.error?.issues ?? []).map(({ path, message }) => ({
    pointer: ['', ...path.map(String)].join('/'),
    detail: message,
  }));
  findings.push(...issues.filter(({ pointer }) => !known.has(pointer)));
  if (!parsed.success || !account) throw invalidOrder(findings);
  const draft = draftOfJson(parsed.data, account);
  return { ...draft, findings: [...findings, ...draft.findings] };
}
