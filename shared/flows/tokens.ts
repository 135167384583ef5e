import type { TokenGrant } from '../banks/contract.ts';
import { Failure, printable } from '../domain/failure.ts';
import type { Clock, Log } from '../domain/ports.ts';
import type { ConsentCredential, CredentialSecrets, Tokens } from '../domain/records.ts';
import { Secret } from '../domain/secret.ts';
import type { TokenStore } from '../store/tokens.ts';
import type { Vault } from '../store/vault.ts';

/**
 * The tokens of a consent (design, chapter 4, Vault): the working copy stands sealed in the table and is written before
 * a new token is used; the vault follows when the refresh token changed, and serves recovery. Everything here runs
 * under the credential's lease, so that two runs never spend one refresh token (RFC 9700, 4.14).
 */

export interface TokenPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly tokens: TokenStore;
  readonly vault: Vault;
}

/** An access token is renewed so many milliseconds before its end: room for a slow call and for clocks that differ. */
const LEEWAY_MS = 60_000;
/** The vault must not be written more often. */
const VAULT_MS = 10 * 60_000;
/** Rounds in which a new refresh token is offered to both places before it counts as lost. */
const ROUNDS = 4;
const PAUSE_MS = 500;

export interface TokenKeeper {
  /**
   * A good access token.
   * @param refused the one the bank just refused
   * @throws Failure `consent-needed` when the consent has ended; `transient` when the bank's answer was lost
   */
  token(refused?: Secret): Promise<Secret>;
  /** Takes over what a new consent brought. @throws Failure `consent-needed` when it could be kept nowhere */
  begin(grant: TokenGrant): Promise<void>;
  /** The refresh token that stands, to be given back to the bank; `null` for none. */
  refreshToken(): Promise<Secret | null>;
}

/**
 * @param secrets what the vault has for the credential, read in this run
 * @param refresh the bank's token endpoint
 */
export function createTokenKeeper(
  ports: TokenPorts,
  credential: ConsentCredential,
  secrets: Secret<CredentialSecrets>,
  refresh: (refreshToken: Secret) => Promise<TokenGrant>,
): TokenKeeper {
  const { clock, log, tokens, vault } = ports;
  const { company, id } = credential;
  /** What this run holds; the lease keeps everybody else from changing it. */
  let held: Tokens | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  /** The table's copy or the vault's, whichever is newer; with the version that stands in the table. */
  async function read(): Promise<{ standing: Tokens | null; inTable: number | null }> {
    const stored = await tokens.get(company, id);
    const inTable = stored?.version ?? null;
    const { refresh: copy } = secrets.reveal();
    if (!copy || (stored && stored.version >= copy.version)) return { standing: stored, inTable };
    const standing: Tokens = {
      company,
      credential: id,
      version: copy.version,
      accessToken: new Secret(''),
      accessUntil: 0,
      refreshToken: new Secret(copy.token),
      refreshVersion: copy.version,
      vaulted: { version: copy.version, at: 0 },
    };
    return { standing, inTable };
  }

  async function good(refused: Secret | undefined): Promise<Secret> {
    const usable = ({ accessToken, accessUntil }: Tokens): boolean =>
      accessUntil - LEEWAY_MS > clock.now() && accessToken.reveal() !== refused?.reveal();
    if (held && usable(held)) return held.accessToken;
    const { standing, inTable } = await read();
    if (!standing) {
      throw new Failure(
        'consent-needed',
        'There is no consent: start one (POST /connections/{id}/authorisation)',
      );
    }
    held = usable(standing) ? standing : await renew(standing, inTable);
    return held.accessToken;
  }

  async function renew(standing: Tokens, inTable: number | null): Promise<Tokens> {
    let grant: TokenGrant;
    try {
      grant = await refresh(standing.refreshToken);
    } catch (error) {
      // A run whose lease had ended may have been first; then its tokens are the ones.
      const other = await tokens.get(company, id);
      if (other && other.version > standing.version) return other;
      if (!(error instanceof Failure) || error.kind !== 'outcome-unknown') throw error;
      const message = 'The bank’s answer to a token refresh was lost; the next run asks again';
      throw new Failure('transient', message, error.detail, error);
    }
    return keep(grant, standing, inTable);
  }

  /** Stores before anything is used. */
  async function keep(grant: TokenGrant, standing: Tokens | null, inTable: number | null): Promise<Tokens> {
    const version = (standing?.version ?? 0) + 1;
    const refreshToken = grant.refreshToken ?? standing?.refreshToken;
    if (!refreshToken) {
      throw new Failure(
        'consent-needed',
        'The bank gave no refresh token: the consent would end within minutes',
      );
    }
    const changed = refreshToken.reveal() !== standing?.refreshToken.reveal();
    const next: Tokens = {
      company,
      credential: id,
      version,
      accessToken: grant.accessToken,
      accessUntil: clock.now() + grant.expiresIn * 1000,
      refreshToken,
      refreshVersion: changed ? version : standing!.refreshVersion,
      vaulted: standing?.vaulted ?? null,
    };
    const stored = await store(next, inTable, changed);
    return follow(stored);
  }

  /**
   * A refresh token that came once and is lost takes the whole consent with it: the table is tried first, then the
   * vault, and both again.
   */
  async function store(next: Tokens, inTable: number | null, changed: boolean): Promise<Tokens> {
    for (let round = 1; ; round++) {
      try {
        if (await tokens.put(next, inTable)) return next;
        const other = await tokens.get(company, id);
        if (other && other.version >= next.version) return other;
        inTable = other?.version ?? null;
      } catch (error) {
        log.error('alarm.tokens-not-stored', { credential: id, ...printable(error) });
        // The old refresh token still stands and is still good.
        if (!changed) return next;
        const vaulted = await copyToVault(next);
        if (vaulted) return { ...next, vaulted };
      }
      if (round >= ROUNDS) break;
      await clock.sleep(PAUSE_MS * round);
    }
    const message =
      'The bank’s new token could be kept nowhere, and with it the consent is lost: authorise again';
    throw new Failure('consent-needed', message);
  }

  /** Lets the vault follow when its refresh token is old, not too often. */
  async function follow(stored: Tokens): Promise<Tokens> {
    const { vaulted, refreshVersion } = stored;
    if (vaulted && (vaulted.version >= refreshVersion || clock.now() - vaulted.at < VAULT_MS)) return stored;
    const fresh = await copyToVault(stored);
    if (!fresh) return stored;
    // Without the mark the vault is only written once more than it must be.
    await tokens
      .markVaulted(stored, fresh)
      .catch((error: unknown) => log.warn('tokens.not-marked', { credential: id, ...printable(error) }));
    return { ...stored, vaulted: fresh };
  }

  async function copyToVault({
    version,
    refreshToken,
  }: Tokens): Promise<NonNullable<Tokens['vaulted']> | null> {
    try {
      const copy = { ...secrets.reveal(), refresh: { version, token: refreshToken.reveal() } };
      await vault.put(company, id, new Secret(copy));
      return { version, at: clock.now() };
    } catch (error) {
      log.error('alarm.tokens-not-vaulted', { credential: id, ...printable(error) });
      return null;
    }
  }

  /** One at a time: connectors may ask from several calls at once. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  }

  return {
    token: (refused) => inTurn(() => good(refused)),
    begin: (grant) =>
      inTurn(async () => {
        held = await keep(grant, null, (await tokens.get(company, id))?.version ?? null);
      }),
    refreshToken: () => inTurn(async () => (held ?? (await read()).standing)?.refreshToken ?? null),
  };
}
