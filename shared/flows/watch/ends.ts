import type { Manifest } from '../../banks/contract.ts';
import { dateIn, daysBetween, type PlainDate } from '../../domain/dates.ts';
import type { Credential } from '../../domain/records.ts';

/** The days on which an access ends unless somebody acts, and how they come nearer. */

/** Days before an end at which it is told; the end itself is step 0. */
export const LADDER = [30, 14, 7, 3, 1] as const;

/** What ends: the access itself in three ways, or something the bank announced. */
export type EndKind = 'certificate' | 'reactivation' | 'consent' | 'announcement';

export interface End {
  readonly what: EndKind;
  /** As it stands in the record: an instant, or a day in the bank's zone. */
  readonly until: string;
  /** Its day in the bank's zone. */
  readonly day: PlainDate;
  /** Calendar days left; 0 on the day itself, negative behind it. */
  readonly daysLeft: number;
  /** Whether it has come. A day counts as come from its beginning, because nobody knows the bank's hour. */
  readonly over: boolean;
  /** What to do. */
  readonly action: string;
}

const ACTIONS: Readonly<Record<Exclude<EndKind, 'announcement'>, string>> = {
  certificate: 'Get a new certificate from the bank and upload it (PUT /connections/{id}/certificate).',
  reactivation:
    'Reactivate the certificate in internet banking, then tell the day (POST /connections/{id}/proof with "reactivatedOn").',
  consent: 'Authorise the connection again (POST /connections/{id}/authorisation).',
};

/**
 * Everything that ends of a connection's access, soonest first.
 * @param now epoch milliseconds
 */
export function endsOf(manifest: Manifest, credential: Credential, now: number): End[] {
  const { timeZone } = manifest;
  const today = dateIn(timeZone, now);
  const onDay = (what: EndKind, day: PlainDate, action: string): End => {
    return { what, until: day, day, daysLeft: daysBetween(today, day), over: day <= today, action };
  };
  const what = credential.kind === 'consent' ? 'consent' : 'certificate';
  const { notAfter: until } = credential;
  const day = dateIn(timeZone, Date.parse(until));
  const over = Date.parse(until) <= now;
  const ends: End[] = [{ what, until, day, daysLeft: daysBetween(today, day), over, action: ACTIONS[what] }];
  const reactivateBy = credential.kind === 'client-certificate' ? credential.reactivateBy : null;
  // One that falls on the end of the certificate is for nothing.
  if (reactivateBy !== null && reactivateBy < until.slice(0, 10)) {
    ends.push(onDay('reactivation', reactivateBy, ACTIONS.reactivation));
  }
  const issuer = credential.kind === 'client-certificate' ? credential.issuer : '';
  for (const one of manifest.announcements ?? []) {
    if (one.issuer === undefined || issuer.includes(one.issuer))
      ends.push(onDay('announcement', one.on, one.text));
  }
  return ends.sort((a, b) => a.day.localeCompare(b.day));
}

/** The step of the ladder an end has reached, `null` before the first. Of several steps only the nearest counts. */
export function stepOf({ over, daysLeft }: End): number | null {
  return over ? 0 : (LADDER.findLast((step) => daysLeft <= step) ?? null);
}

/** Whether a credential's own dates let it be shown to the bank. @param now epoch milliseconds */
export const isInDate = ({ notBefore, notAfter }: Credential, now: number): boolean =>
  Date.parse(notBefore) <= now && now < Date.parse(notAfter);
