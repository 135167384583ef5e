import { notFound, unprocessable } from '../../api/problem.ts';
import { dateIn, isoInstant, maxDate } from '../../domain/dates.ts';
import { HOOK_ZONE, type Hook } from '../../domain/hook.ts';
import { addMoney, formatMoney, parseMoney } from '../../domain/money.ts';
import type { PaymentRecord } from '../../domain/payment.ts';
import type { Clock } from '../../domain/ports.ts';
import type { Write } from '../../store/dynamo.ts';
import type { Hooks } from '../../store/hooks.ts';

/**
 * Counts an order against the hook's limit of the day. The write belongs into the transaction that accepts the order:
 * two orders at once never share what is left, and a hook deleted meanwhile brings nothing.
 * @throws Problem 422 when the limit does not bear it, 404 when the hook is gone
 */
export async function chargeHook(
  { hooks, clock }: { readonly hooks: Hooks; readonly clock: Clock },
  { company, id }: Pick<Hook, 'company' | 'id'>,
  { currency, sum }: Pick<PaymentRecord, 'currency' | 'sum'>,
): Promise<Write> {
  const hook = await hooks.get(company, id);
  if (!hook) throw notFound('hook');
  const now = clock.now();
  // A clock that lags behind another's must not begin the old day anew.
  const day = maxDate(dateIn(HOOK_ZONE, now), hook.usage?.day ?? '');
  const sums = hook.usage?.day === day ? hook.usage.sums : {};
  const used = addMoney(parseMoney(sums[currency] ?? '0', currency), parseMoney(sum, currency));
  const limit = hook.limits[currency];
  if (limit === undefined || used.minor > parseMoney(limit, currency).minor) {
    throw unprocessable('hook-limit', refusal(currency, limit, sums[currency] ?? '0'));
  }
  return hooks.count(hook, { day, sums: { ...sums, [currency]: formatMoney(used) } }, isoInstant(now));
}

const refusal = (currency: string, limit: string | undefined, used: string): string =>
  limit === undefined
    ? `Nothing was sent. This hook brings no orders in ${currency}: it has no daily limit for that currency.`
    : `Nothing was sent. With this order the hook would go beyond its daily limit of ${limit} ${currency}; ${used} ` +
      'are used today. Send it tomorrow, submit it with an API key, or make a hook with a higher limit.';
