import type { Page } from '../../api/pages.ts';
import type { CallbackResult } from './callback.ts';
import type { Opening } from './open.ts';

/** What a person reads on the way to a consent and back. */

const SCOPES: Readonly<Record<string, string>> = {
  'siblings.accounts': 'accounts, balances, movements and statements',
  'siblings.payments': 'payment orders',
};

/** The page behind our link. */
export function openingPage(opening: Opening): Page {
  switch (opening.kind) {
    case 'page': {
      const { company, manifest, connection, validityDays, scopes, url } = opening;
      return {
        status: 200,
        title: `Access to ${manifest.name}`,
        text: [
          'You are about to be taken to the bank, where you log in and choose the accounts. Nothing is used before somebody of the company confirms them here.',
          'Go on only if you expected this link from the company named below.',
        ],
        facts: [
          ['Company', company],
          ['Bank', `${manifest.name}, ${manifest.product}`],
          ['Connection', connection.description === '' ? connection.code : connection.description],
          ['What for', scopes.map((scope) => SCOPES[scope] ?? scope).join('; ')],
          ['For', `${validityDays} days`],
        ],
        link: { href: url, label: `Go on to ${manifest.name}` },
      };
    }
    case 'expired':
      return sorry(410, 'This link has expired', 'Links are good for ten minutes. Ask for a new one.');
    case 'opened-elsewhere':
      return sorry(
        409,
        'This link was opened already',
        'It works once, in the browser that opened it first. If that was not you, ask for a new one and tell the company.',
      );
    case 'unknown':
      return sorry(
        404,
        'There is no such link',
        'It may be mistyped, or a newer one took its place. Ask for a new one.',
      );
  }
}

/** The page after the bank. */
export function callbackPage({ kind, returnUrl }: CallbackResult): Page {
  const link = returnUrl === null ? {} : { link: { href: returnUrl, label: 'Go back' } };
  switch (kind) {
    case 'granted':
      return {
        status: 200,
        title: 'The bank gave access',
        text: ['One step is left: somebody of the company confirms the accounts. You can close this page.'],
        ...link,
      };
    case 'refused':
      return {
        status: 200,
        title: 'The bank gave no access',
        text: [
          'The consent was refused or broken off at the bank. Nothing was changed; you can start again.',
        ],
        ...link,
      };
    case 'failed':
      return {
        status: 502,
        title: 'It did not work out',
        text: ['The bank’s answer could not be used. The company sees the reason and can start again.'],
        ...link,
      };
    case 'expired':
      return sorry(410, 'This took too long', 'The answer came after more than ten minutes. Start again.');
    case 'used':
      return sorry(
        409,
        'This was answered already',
        'Each answer of the bank is taken once. You can close this page.',
      );
    case 'foreign':
      return sorry(
        403,
        'This was not started here',
        'Open the link of the company in this browser, and finish at the bank in the same one.',
      );
    case 'malformed':
      return sorry(400, 'This address is not complete', 'Start again with the link of the company.');
  }
}

const sorry = (status: number, title: string, text: string): Page => ({ status, title, text: [text] });
