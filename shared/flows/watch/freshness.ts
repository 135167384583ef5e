import type { Manifest } from '../../banks/contract.ts';
import { isoInstant, type PlainDate } from '../../domain/dates.ts';
import type { Account, Connection, Credential } from '../../domain/records.ts';
import { endsOf, isInDate, LADDER, type End } from './ends.ts';
import { isStale, pulled, waitingSince } from './stale.ts';

/**
 * `paused` somebody must act before the bank is called again; `expiring` the access ends within the ladder, or has;
 * `stale` an account had no complete pull for too long; `new` nothing was pulled yet; `fresh` all is well.
 */
export const FRESHNESS_STATES = ['new', 'fresh', 'stale', 'expiring', 'paused'] as const;

export interface Freshness {
  readonly state: (typeof FRESHNESS_STATES)[number];
  /** UTC instant: since when, or, of an end, when it comes; of what is fresh, the pull furthest back. */
  readonly at: string;
  /** What to do, `null` when all is well. */
  readonly detail: string | null;
}

export interface Standing {
  /** Whether the bank may be called: in use, and within its dates. */
  readonly authorised: boolean;
  /** Day of the nearest end of certificate, reactivation or consent, in the bank's zone. */
  readonly validUntil: PlainDate | null;
  /** Days until then, 0 when it has come. */
  readonly daysLeft: number | null;
  readonly freshness: Freshness;
}

/**
 * How a connection stands: the one place where it is computed.
 * @param credential the one in use
 * @param accounts of the company
 * @param now epoch milliseconds
 */
export function standingOf(
  manifest: Manifest,
  connection: Connection,
  credential: Credential | null,
  accounts: readonly Account[],
  now: number,
): Standing {
  const ends = credential ? endsOf(manifest, credential, now) : [];
  const own = ends.find(({ what }) => what !== 'announcement');
  return {
    authorised: connection.status === 'active' && credential !== null && isInDate(credential, now),
    validUntil: own?.day ?? null,
    daysLeft: own ? Math.max(0, own.daysLeft) : null,
    freshness: freshnessOf(manifest, connection, credential, pulled(connection, accounts), ends, now),
  };
}

function freshnessOf(
  manifest: Manifest,
  connection: Connection,
  credential: Credential | null,
  accounts: readonly Account[],
  ends: readonly End[],
  now: number,
): Freshness {
  const { status, pause, createdAt } = connection;
  if (pause) return { state: 'paused', at: pause.since, detail: pause.message };
  if (status === 'new') return { state: 'new', at: createdAt, detail: firstStep(manifest, connection) };
  const [next] = ends;
  if (next?.over) return expiring(next);
  const furthest = accounts.toSorted((a, b) => waitingSince(a, credential) - waitingSince(b, credential))[0];
  if (furthest && isStale(furthest, credential, now)) return stale(furthest, credential);
  if (next && next.daysLeft <= LADDER[0]) return expiring(next);
  const pulls = accounts.flatMap(({ freshAt }) => freshAt ?? []).sort();
  if (pulls[0] !== undefined) return { state: 'fresh', at: pulls[0], detail: null };
  const detail = furthest
    ? 'Nothing was pulled yet; the next full hour does it, or POST /accounts/{id}/pulls.'
    : 'No account of it is pulled: PATCH /accounts/{id} switches one on.';
  return { state: 'new', at: createdAt, detail };
}

function firstStep({ authentication }: Manifest, { candidate }: Connection): string {
  if (authentication === 'consent') return 'Authorise it (POST /connections/{id}/authorisation).';
  return candidate === null
    ? 'Upload its certificate (PUT /connections/{id}/certificate).'
    : 'Its certificate waits for a proof (POST /connections/{id}/proof).';
}

function expiring({ what, day, daysLeft, over, until, action }: End): Freshness {
  const when = over ? `on ${day}: it has come` : `on ${day}, in ${daysLeft} days`;
  const words = {
    certificate: `The certificate ends ${when}.`,
    reactivation: `The certificate must be reactivated ${when}.`,
    consent: `The consent ends ${when}.`,
    announcement: `Announced by the bank ${when}.`,
  };
  return { state: 'expiring', at: isoInstant(Date.parse(until)), detail: `${words[what]} ${action}` };
}

function stale(account: Account, credential: Credential | null): Freshness {
  const { id, lastPull } = account;
  const at = isoInstant(waitingSince(account, credential));
  const why =
    lastPull?.failure?.message ??
    'See whether the hourly schedule runs, and pull it now: POST /accounts/{id}/pulls.';
  return { state: 'stale', at, detail: `The account ${id} had no complete pull since ${at}. ${why}` };
}
