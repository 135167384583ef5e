import { addDays } from '../../../shared/domain/dates.ts';
import { isBankingDay } from '../../../shared/domain/banking-days.ts';
import { pragueDay, pragueInstant } from '../../sandbox/prague.ts';
import { startSandbox, type Sandbox } from '../../sandbox/index.ts';
import type { SandboxClock } from '../../sandbox/types.ts';
import { createClient, type Client } from '../cli/client.ts';
import { startGateway, type Gateway } from '../gateway.ts';
import { startWriteMeter, type WriteMeter } from '../write-meter.ts';

/** Everything the demo plays on. */
export interface Stage {
  readonly sandbox: Sandbox;
  readonly gateway: Gateway;
  readonly meter: WriteMeter;
  readonly company: string;
  readonly key: string;
  readonly client: Client;
  /** The banks' and the gateway's time. */
  readonly clock: SandboxClock;
  /** Lets time pass, without waiting for it. @param instant epoch milliseconds; one gone by changes nothing */
  passUntil(instant: number): void;
  stop(): Promise<void>;
}

export interface StageOptions {
  readonly bankData?: string;
  readonly progress: (line: string) => void;
  /** Takes each line the functions log. */
  readonly print: (line: string) => void;
}

/** Data is the same in every run: what changes from day to day is the calendar. */
const SEED = 'demo';
/**
 * The seeded banks' hours: in the evening the day is booked and its statements are not out yet, in the morning they
 * are. Nothing is booked for an hour, so what the demo compares stands still.
 */
const QUIET_HOUR = '22:00:00';
const MORNING_HOUR = '04:00:00';

/**
 * Starts the simulated banks and the gateway in memory, and makes the company.
 * @throws Error when a part does not start; what was started is stopped again
 */
export async function openStage(options: StageOptions): Promise<Stage> {
  const { bankData, progress, print } = options;
  const undo: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    progress('Starting the simulated banks');
    let ahead = bankData === undefined ? quietHour() - Date.now() : 0;
    const sandbox = await startSandbox({
      seed: SEED,
      clock: { now: () => Date.now() + ahead },
      ...(bankData === undefined ? {} : { bankData }),
    });
    undo.push(() => sandbox.stop());
    for (const warning of sandbox.warnings) progress(warning);
    progress(`Starting the gateway; at the banks it is ${sandbox.today}`);
    let engine = '';
    const meter = await startWriteMeter(() => engine);
    undo.push(() => meter.stop());
    const gateway = await startGateway({
      schedule: false,
      clockOffsetMs: () => sandbox.clock.now() - Date.now(),
      print,
      extraEnv: {
        BRANA_SIMULATED: JSON.stringify({ origins: sandbox.origins, ca: sandbox.ca }),
        AWS_ENDPOINT_URL_DYNAMODB: meter.endpoint,
      },
    });
    undo.push(() => gateway.stop());
    engine = gateway.env['AWS_ENDPOINT_URL_DYNAMODB'] ?? '';
    const { company, key } = await bootstrap(gateway);
    const client = createClient(gateway.url, key);
    const { clock } = sandbox;
    const passUntil = (instant: number): void => void (ahead += Math.max(0, instant - clock.now()));
    return { sandbox, gateway, meter, company, key, client, clock, passUntil, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The quiet hour of the last banking day: on others no payment is executed. */
function quietHour(): number {
  let day = pragueDay(Date.now());
  while (!isBankingDay(day)) day = addDays(day, -1);
  return pragueInstant(day, QUIET_HOUR);
}

/** The quiet hour of the morning after: by now every bank has its statements of the day before out. */
export const nextMorning = (now: number): number => pragueInstant(addDays(pragueDay(now), 1), MORNING_HOUR);

type Bootstrap =
  | { readonly company: { readonly id: string }; readonly key: string }
  | { readonly error: string; readonly message: string };

async function bootstrap(gateway: Gateway): Promise<{ company: string; key: string }> {
  const made = (await gateway.invoke('admin-bootstrap', { name: 'Demo' })) as Bootstrap;
  if (!('error' in made)) return { company: made.company.id, key: made.key };
  throw new Error(
    made.error === 'already-bootstrapped'
      ? 'The DynamoDB engine named by AWS_ENDPOINT_URL_DYNAMODB holds an earlier demo: restart it, empty and in memory.'
      : made.message,
  );
}
