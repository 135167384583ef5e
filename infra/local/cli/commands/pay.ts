import { randomUUID } from 'node:crypto';
import { passesModulo97 } from '../../../../shared/domain/iban.ts';
import { CHARGES } from '../../../../shared/domain/order-file.ts';
import type { Client } from '../client.ts';
import type { Command, Context } from '../command.ts';
import { CliError, EXIT, usageError } from '../exit.ts';
import { bytesOf, oneOf } from '../file-input.ts';
import { findAccount } from '../find.ts';
import type { AcceptedPayment } from '../types.ts';
import { exitOf, followPayment, nextStep } from './payment-follow.ts';

export const pay: Command = {
  name: 'pay',
  summary: 'Order payments: one by options, or a file (KPC, pain.001, or the JSON of POST /payments)',
  args: 'FILE | --account ACCOUNT --to ACCOUNT/BANK --amount AMOUNT',
  options: {
    account: { type: 'string', value: 'ACCOUNT', help: 'the account that pays' },
    to: {
      type: 'string',
      value: 'ACCOUNT/BANK',
      help: 'who is paid: a Czech number with bank code, an IBAN, or with --bic any account abroad',
    },
    amount: { type: 'string', value: 'AMOUNT', help: 'decimal, e.g. 1250.50' },
    currency: { type: 'string', value: 'CUR', help: "currency (default the account's)" },
    vs: { type: 'string', value: 'DIGITS', help: 'variable symbol' },
    ks: { type: 'string', value: 'DIGITS', help: 'constant symbol' },
    ss: { type: 'string', value: 'DIGITS', help: 'specific symbol' },
    message: { type: 'string', value: 'TEXT', help: 'for the payee' },
    name: { type: 'string', value: 'NAME', help: "the payee's name" },
    bic: { type: 'string', value: 'BIC', help: "the payee's bank abroad" },
    'bank-name': { type: 'string', value: 'NAME', help: 'the same by name, where it has no BIC' },
    'bank-country': { type: 'string', value: 'CC', help: 'and its country, two letters' },
    street: { type: 'string', value: 'STREET', help: "the payee's address abroad: street and number" },
    'post-code': { type: 'string', value: 'CODE', help: 'post code' },
    town: { type: 'string', value: 'TOWN', help: 'town' },
    country: { type: 'string', value: 'CC', help: 'country, two letters' },
    charges: {
      type: 'string',
      value: 'WHO',
      help: 'who bears charges abroad: shared (default), payer, payee',
    },
    date: { type: 'string', value: 'YYYY-MM-DD', help: 'day of execution (default today)' },
    urgent: { type: 'boolean', help: 'as an urgent payment, where the bank offers it' },
    instant: { type: 'boolean', help: 'as an instant payment, where the bank offers it' },
    key: {
      type: 'string',
      value: 'KEY',
      help: 'repeat an order safely: the Idempotency-Key it was sent with',
    },
    wait: {
      type: 'boolean',
      help: 'follow the order until it rests: done, refused, or waiting for a person',
    },
    timeout: { type: 'string', value: 'SECONDS', help: 'longest wait (default 600)' },
  },
  takes: { least: 0, most: 1 },
  notes: `Each order has an Idempotency-Key, made here and printed before anything is sent. When the answer is lost, repeat
the same command with --key KEY: the order is taken once, however often it is sent.

Examples:
  brana pay --account 5017482301/5500:CZK --to 19-2000145399/0800 --amount 1250.50 --vs 2026000123 --wait
  brana pay --account 5017482301/5500:CZK --to 021000021-4417 --bic CHASUS33 --amount 900 --currency USD \\
    --name "Maple Tools Inc." --street "12 Main Street" --town Portland --country US --message "Invoice 4417"`,
  async run(context) {
    const client = context.client();
    const order = await orderOf(context, client);
    const idempotencyKey = context.options.text('key') ?? randomUUID();
    context.progress(`Idempotency-Key ${idempotencyKey}`);
    const accepted = await submit(client, { ...order, idempotencyKey });
    const { id, sum, currency, executionDate, duplicateOf } = accepted;
    if (duplicateOf !== null)
      context.progress(`The same was ordered within the last 24 hours already: ${duplicateOf}`);
    const told = `Order ${id}: ${sum} ${currency}, to be executed on ${executionDate}.`;
    if (!context.options.flag('wait')) {
      return { json: { ...accepted, idempotencyKey }, text: `${told}\n${nextStep(accepted)}` };
    }
    context.progress(told);
    const payment = await followPayment(context, client, id, context.options.number('timeout', 600));
    return {
      json: { ...payment, idempotencyKey },
      text: `${id} is ${payment.state}.\n${nextStep(payment)}`,
      exit: exitOf(payment.state),
    };
  },
};

type Order =
  { readonly file: { readonly bytes: Uint8Array; readonly mediaType: string } } | { readonly body: unknown };

const OF_ONE = [
  ...['account', 'to', 'amount', 'currency', 'vs', 'ks', 'ss', 'message', 'name', 'date'],
  ...['urgent', 'instant', 'charges', 'bic', 'bank-name', 'bank-country'],
  ...['street', 'post-code', 'town', 'country'],
];

async function orderOf({ args, options }: Context, client: Client): Promise<Order> {
  const [file] = args;
  const given = OF_ONE.filter((name) => options.text(name) !== undefined || options.flag(name));
  if (file !== undefined) {
    if (given.length > 0) throw usageError(`A file says it all: leave out --${given.join(', --')}.`);
    return fileOf(bytesOf(file));
  }
  const [account, to, amount] = ['account', 'to', 'amount'].map((name) => options.text(name));
  if (account === undefined || to === undefined || amount === undefined) {
    throw usageError('Name a file, or give --account, --to and --amount.');
  }
  if (options.flag('urgent') && options.flag('instant')) throw usageError('Give --urgent or --instant.');
  const payer = await findAccount(client, account);
  return {
    body: {
      account: payer.id,
      executionDate: options.text('date'),
      priority: options.flag('urgent') ? 'urgent' : options.flag('instant') ? 'instant' : undefined,
      payments: [
        {
          amount,
          currency: options.text('currency')?.toUpperCase() ?? payer.currency,
          creditor: {
            name: options.text('name'),
            bic: options.text('bic'),
            ...creditorOf(to, isAbroad(options)),
          },
          ...abroadOf(options),
          variableSymbol: options.text('vs'),
          constantSymbol: options.text('ks'),
          specificSymbol: options.text('ss'),
          message: options.text('message'),
        },
      ],
    },
  };
}

/** What a file is shows in its first letter; what is in it, the gateway judges. */
function fileOf(bytes: Uint8Array): Order {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 200)).replace(/^\u00ef\u00bb\u00bf/, '');
  const first = start.trimStart()[0];
  const mediaType = first === '{' ? 'application/json' : first === '<' ? 'application/xml' : 'text/plain';
  return { file: { bytes, mediaType } };
}

/** Whether the payee's bank is named, as only payments abroad have it. */
const isAbroad = (options: Context['options']): boolean =>
  options.text('bic') !== undefined || options.text('bank-name') !== undefined;

/** What only payments abroad say; nothing where nothing is said. */
function abroadOf(options: Context['options']): Record<string, unknown> {
  const [name, bankCountry, charges] = ['bank-name', 'bank-country', 'charges'].map((one) =>
    options.text(one),
  );
  const address = {
    street: options.text('street'),
    postCode: options.text('post-code'),
    town: options.text('town'),
    country: options.text('country')?.toUpperCase(),
  };
  const addressed = Object.values(address).some((part) => part !== undefined);
  const bank = { name, address: bankCountry && { country: bankCountry.toUpperCase() } };
  return {
    charges: charges === undefined ? undefined : oneOf('charges', charges, CHARGES),
    creditorAddress: addressed ? address : undefined,
    creditorBank: name === undefined && bankCountry === undefined ? undefined : bank,
  };
}

function creditorOf(to: string, abroad: boolean): { iban: string } | { number: string; bankCode?: string } {
  if (passesModulo97(to.replaceAll(' ', '').toUpperCase())) return { iban: to };
  const [, number, bankCode] = /^([\d-]+)\/(\d{4})$/.exec(to.replace(/\s+/g, '')) ?? [];
  if (number !== undefined && bankCode !== undefined) return { number, bankCode };
  if (abroad) return { number: to };
  if (/^[A-Za-z]{2}\d{2}/.test(to)) return { iban: to };
  throw usageError(
    `--to is ACCOUNT/BANK (19-2000145399/0800) or an IBAN, not "${to}"; other accounts abroad need --bic`,
  );
}

/** @throws CliError that tells how to repeat the order when nobody knows whether the gateway took it */
async function submit(
  client: Client,
  order: Order & { readonly idempotencyKey: string },
): Promise<AcceptedPayment> {
  try {
    return await client.call<AcceptedPayment>('POST', '/payments', order);
  } catch (error) {
    if (!(error instanceof CliError) || (error.exit !== EXIT.unreachable && error.exit !== EXIT.failed))
      throw error;
    const advice = `Whether the order was taken is not known. Repeat the same command with --key ${order.idempotencyKey}: it is taken once.`;
    throw new CliError(
      error.exit,
      `${error.message} ${advice}`,
      error.problem && { ...error.problem, detail: `${error.problem.detail} ${advice}` },
    );
  }
}
