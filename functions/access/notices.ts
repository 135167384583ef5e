import { Problem } from '../../shared/api/problem.ts';
import * as routes from '../../shared/api/routes/notices.ts';
import { on, serve } from '../../shared/api/serve.ts';
import { receiveNotice } from '../../shared/flows/notices/receive.ts';
import type { PullMessage } from '../../shared/flows/pull/message.ts';
import { createNotices } from '../../shared/store/notices.ts';
import { createQueue, queueClient } from '../../shared/store/queues.ts';
import { bankPorts } from '../bank-ports.ts';
import { clock, log, openStore, random, setting } from '../compose.ts';

const store = openStore();
const ports = {
  ...bankPorts(store),
  connections: store.connections,
  accounts: store.accounts,
  notices: createNotices(store.dynamo, store.places),
  queue: createQueue<PullMessage>(queueClient(), setting('PULL_QUEUE_URL'), clock, random),
};

/** A notice is one movement; more is none. */
const LARGEST = 256 * 1024;
const BANK_TIME_MS = 10_000;

export const handler = serve({ log, authenticate: store.authenticate }, [
  on(routes.receiveNotice, async ({ params, bytes, headers }) => {
    if (bytes.byteLength > LARGEST) {
      const detail = `A notice has at most ${LARGEST} bytes.`;
      throw new Problem({ status: 413, code: 'body-too-large', title: 'Body too large', detail });
    }
    const notice = { headers, body: bytes };
    await receiveNotice(ports, params['id'] ?? '', notice, clock.now() + BANK_TIME_MS);
    return {};
  }),
]);
