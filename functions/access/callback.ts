import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { htmlOf, PAGE_HEADERS, PAGE_ROUTES, type Page } from '../../shared/api/pages.ts';
import { printable } from '../../shared/domain/failure.ts';
import { takeCallback } from '../../shared/flows/consent/callback.ts';
import { AUTHORISATION_MS } from '../../shared/flows/consent/start.ts';
import { openAuthorisation } from '../../shared/flows/consent/open.ts';
import { callbackPage, openingPage } from '../../shared/flows/consent/pages.ts';
import { log, openStore } from '../compose.ts';
import { bankDeadline } from '../bank-ports.ts';
import { consentPorts } from '../consent-ports.ts';

/**
 * The pages a person sees on the way to a consent or a signature: behind our link, and after the bank. Nothing of an
 * address is logged: it holds what proves the person.
 */
const ports = consentPorts(openStore());

const COOKIE = '__Host-brana';
const BROKEN: Page = {
  status: 500,
  title: 'Something of ours failed',
  text: ['Try again in a minute. If it stays, the company finds the reason in the log.'],
};

/** After the bank's page to sign an order. That a browser comes here proves nothing, so nothing is taken from it. */
const SIGNED: Page = {
  status: 200,
  title: 'Back from the bank',
  text: [
    'What you decided there is for the bank to tell; the company sees it in a minute. You can close this page.',
  ],
};

export async function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  const requestId = event.requestContext.requestId;
  try {
    const { page, cookie } = await answer(event);
    log.info('page.answered', { route: event.routeKey, status: page.status, requestId });
    return rendered(page, cookie);
  } catch (error) {
    log.error('alarm.api', { route: event.routeKey, requestId, ...printable(error) });
    return rendered(BROKEN, null);
  }
}

async function answer(event: APIGatewayProxyEventV2): Promise<{ page: Page; cookie: string | null }> {
  const { link = '', bank = '' } = event.pathParameters ?? {};
  const cookie = cookieOf(event.cookies ?? []);
  if (event.routeKey === PAGE_ROUTES[2]) return { page: SIGNED, cookie: null };
  if (event.routeKey === PAGE_ROUTES[0]) {
    const opening = await openAuthorisation(ports, link, cookie);
    return { page: openingPage(opening), cookie: opening.kind === 'page' ? opening.cookie : null };
  }
  const result = await takeCallback(ports, { bank, query: event.rawQueryString, cookie }, bankDeadline());
  return { page: callbackPage(result), cookie: null };
}

function cookieOf(cookies: readonly string[]): string | null {
  const own = cookies.filter((cookie) => cookie.startsWith(`${COOKIE}=`));
  return own.length === 1 ? own[0]!.slice(COOKIE.length + 1) : null;
}

function rendered(page: Page, cookie: string | null): APIGatewayProxyStructuredResultV2 {
  const attributes = `Path=/; Max-Age=${AUTHORISATION_MS / 1000}; Secure; HttpOnly; SameSite=Lax`;
  return {
    statusCode: page.status,
    headers: PAGE_HEADERS,
    body: htmlOf(page),
    ...(cookie === null ? {} : { cookies: [`${COOKIE}=${cookie}; ${attributes}`] }),
  };
}
