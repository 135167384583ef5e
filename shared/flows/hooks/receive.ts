import { Problem } from '../../api/problem.ts';
import type { Hook } from '../../domain/hook.ts';
import { Secret } from '../../domain/secret.ts';
import { acceptOrder, replayOf, requestHash, type Accepted } from '../payments/accept.ts';
import { verify, type Message, type Verdict } from './signature.ts';
import { inPlace, requestOf, submissionOf, type HookPorts } from './submission.ts';

/** What a hook's secret is sealed with: it opens for that hook only. */
export const sealContext = ({ company, id }: Pick<Hook, 'company' | 'id'>): string[] => ['hook', company, id];

/** Stands in for a hook nobody has: its message is judged as long as any other, and never believed. */
const DECOY = {
  id: '',
  company: '',
  verification: { kind: 'hmac', header: 'x-signature', encoding: 'hex', prefix: '' },
} as const;

/**
 * Takes the order a message to a hook brings, by the rules of `POST /payments` and those of the hook.
 * @throws Problem 404 for a hook nobody has, 401 for a message that is not proven, 400 and 422 for one that is no order
 */
export async function receiveOrder(ports: HookPorts, id: string, message: Message): Promise<Accepted> {
  const hook = await ports.hooks.find(id);
  const verdict = await judgeMessage(ports, hook ?? (await decoy(ports)), message);
  if (!hook) throw noSuchHook();
  if (verdict !== 'ok') {
    ports.log.warn('hook.refused', { company: hook.company, hook: hook.id, verdict });
    throw notProven();
  }
  const request = requestOf(hook, message);
  const replayed = await replayOf(ports, hook.company, request.idempotencyKey, requestHash(request));
  if (replayed) return { payment: replayed, replayed: true };
  const { submission, placeOf } = await submissionOf(ports, hook, request);
  return inPlace(placeOf, () => acceptOrder(ports, submission));
}

/** Whether a message was sent by who knows the hook's secret, just now where the hook's messages tell the time. */
export async function judgeMessage(
  { seal, clock }: Pick<HookPorts, 'seal' | 'clock'>,
  hook: Pick<Hook, 'id' | 'company' | 'verification' | 'sealed'>,
  message: Message,
): Promise<Verdict> {
  const secret = await seal.open(hook.sealed, sealContext(hook));
  return verify(hook.verification, secret, message, clock.now());
}

const decoy = async ({ seal }: HookPorts): Promise<typeof DECOY & { sealed: string }> => ({
  ...DECOY,
  sealed: await seal.close(new Secret('nobody'), sealContext(DECOY)),
});

const noSuchHook = (): Problem =>
  new Problem({
    status: 404,
    code: 'not-found',
    title: 'Not found',
    detail: 'There is no such hook. "brana hooks list" shows the addresses of those there are.',
  });

/** The same words whatever is wrong: only the company's own log and dry run tell more. */
const notProven = (): Problem =>
  new Problem({
    status: 401,
    code: 'not-proven',
    title: 'The message is not proven',
    detail:
      'Nothing was sent. The signature is missing, does not fit the body, or is not of these five minutes. ' +
      '"brana hooks test" shows which.',
  });
