import type { FailureKind } from '../domain/failure.ts';

/** What a failure does to the run it happened in. The one table that decides it (design, chapter 3). */
export interface Effect {
  /** How much of the run ends: this step, this account, the other accounts of the connection, or everything. */
  readonly ends: 'step' | 'account' | 'connection' | 'credential';
  /** Whose schedule pauses until a person acted. */
  readonly pauses: 'nothing' | 'connection' | 'credential';
  /** True when an operator must hear of it at once. */
  readonly alarms: boolean;
}

export const EFFECTS: Readonly<Record<FailureKind, Effect>> = {
  transient: { ends: 'account', pauses: 'nothing', alarms: false },
  'rate-limited': { ends: 'credential', pauses: 'nothing', alarms: false },
  'consent-needed': { ends: 'connection', pauses: 'connection', alarms: true },
  'credential-refused': { ends: 'credential', pauses: 'credential', alarms: true },
  rejected: { ends: 'step', pauses: 'nothing', alarms: false },
  // Payments only; a read that reports it is as broken as an answer that does not parse.
  'outcome-unknown': { ends: 'step', pauses: 'nothing', alarms: true },
  protocol: { ends: 'step', pauses: 'nothing', alarms: true },
  unsupported: { ends: 'step', pauses: 'nothing', alarms: false },
};

/** Failed pulls in a row after which a failing account is an alarm. */
export const ALARM_AFTER = 3;
