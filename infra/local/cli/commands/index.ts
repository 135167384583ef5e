import type { Command } from '../command.ts';
import { activity } from './activity.ts';
import { accounts } from './accounts.ts';
import { authorise, confirmAuthorisation } from './authorise.ts';
import { balances } from './balances.ts';
import { banks } from './banks.ts';
import { certificate, requestCertificate } from './certificate.ts';
import { connect, connections, deleteConnection, setConnection } from './connections.ts';
import { convert } from './convert.ts';
import { doctor } from './doctor.ts';
import { events } from './events.ts';
import { createHook, deleteHook, listHooks, testHook } from './hooks.ts';
import { inspect } from './inspect.ts';
import { init } from './init.ts';
import { createKey, listKeys, revokeKey } from './keys.ts';
import { login } from './login.ts';
import { listNotices, noticesOff, noticesOn } from './notices.ts';
import { pay } from './pay.ts';
import { approvePayment, cancelPayment, resolvePayment } from './payment-decisions.ts';
import { paymentPolicy } from './payment-policy.ts';
import { paymentFile } from './payment-file.ts';
import { signPayment } from './payment-sign.ts';
import { payments } from './payments.ts';
import { proof } from './proof.ts';
import { pull } from './pull.ts';
import { rates } from './rates.ts';
import { downloadStatement, statements } from './statements.ts';
import { transactions } from './transactions.ts';

/** Every command, in the order of first use. */
export const COMMANDS: readonly Command[] = [
  init,
  login,
  doctor,
  banks,
  connect,
  connections,
  setConnection,
  deleteConnection,
  certificate,
  requestCertificate,
  authorise,
  confirmAuthorisation,
  proof,
  activity,
  accounts,
  pull,
  listNotices,
  noticesOn,
  noticesOff,
  transactions,
  statements,
  downloadStatement,
  balances,
  rates,
  pay,
  payments,
  paymentFile,
  signPayment,
  cancelPayment,
  approvePayment,
  resolvePayment,
  paymentPolicy,
  listHooks,
  createHook,
  testHook,
  deleteHook,
  events,
  listKeys,
  createKey,
  revokeKey,
  inspect,
  convert,
];
