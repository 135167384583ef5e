import type { Context } from 'aws-lambda';
import { watchAll, type Watched } from '../../shared/flows/watch/daily.ts';
import { bankPorts } from '../bank-ports.ts';
import { clock, openStore } from '../compose.ts';

const store = openStore();
const { companies, connections, accounts, payments } = store;
const ports = { ...bankPorts(store), companies, connections, accounts, payments };

/** Time kept back for what is being told when it runs short. */
const RESERVE_MS = 10_000;

/** Invoked by the schedule, once a day. */
export async function handler(_event: unknown, context: Context): Promise<Watched> {
  return watchAll(ports, clock.now() + context.getRemainingTimeInMillis() - RESERVE_MS);
}
