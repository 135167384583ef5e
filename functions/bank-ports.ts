import { createExchange } from '../shared/http/exchange.ts';
import type { BankPorts, SimulatedBanks } from '../shared/flows/gateway.ts';
import { createActivityLog } from '../shared/store/activity.ts';
import { createGate } from '../shared/store/gate.ts';
import { createSeal } from '../shared/store/seal.ts';
import { createTokens } from '../shared/store/tokens.ts';
import { createVault, vaultClient } from '../shared/store/vault.ts';
import { clock, log, onLambda, openStore, random, setting } from './compose.ts';

/** The simulated banks exist beside the local runner only; a deployed stack refuses the environment. */
export function simulatedBanks(): SimulatedBanks | null {
  const text = process.env['BRANA_SIMULATED'];
  return onLambda || !text ? null : (JSON.parse(text) as SimulatedBanks);
}

/** API Gateway gives up after thirty seconds; the bank gets what is left after our own writes. */
const BANK_TIME_MS = 22_000;

/** Until when a bank may take while a caller waits, epoch milliseconds. */
export const bankDeadline = (): number => clock.now() + BANK_TIME_MS;

/** What the functions that talk to banks share. */
export function bankPorts(store: ReturnType<typeof openStore>): BankPorts {
  return {
    clock,
    random,
    log,
    gate: createGate(store.dynamo, store.places, clock),
    vault: createVault(vaultClient(), setting('VAULT_PREFIX'), clock, random),
    tokens: createTokens(
      store.dynamo,
      store.places,
      createSeal(vaultClient(), setting('DATA_KEY'), clock, random),
    ),
    activity: createActivityLog(store.dynamo, store.places, clock),
    exchange: createExchange(),
    simulated: simulatedBanks(),
  };
}
