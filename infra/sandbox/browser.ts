import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';

/**
 * As much of a browser as a consent needs: it opens pages, keeps cookies, follows redirects step by step and submits
 * forms. No scripts. TLS is real; trusted is the one authority it is given.
 */
export interface Browser {
  /** Follows redirects until a page that is none, or an address `stopAt` wants to keep. */
  open(url: string): Promise<BrowserPage>;
  /**
   * Submits a form of a page.
   * @param values by field name; the others go as the page has them, a `null` leaves a field out
   * @param button text of the button that is pressed, the first one when absent
   */
  submit(
    page: BrowserPage,
    values?: Readonly<Record<string, string | readonly string[] | null>>,
    button?: string,
  ): Promise<BrowserPage>;
  /** Every address visited, the latest last. */
  readonly visited: readonly string[];
}

export interface BrowserPage {
  /** Where it is; an address nothing was asked of where `stopAt` stopped. */
  readonly url: string;
  /** `null` where `stopAt` stopped. */
  readonly status: number | null;
  readonly headers: IncomingHttpHeaders;
  readonly html: string;
  readonly forms: readonly Form[];
  readonly links: readonly { readonly href: string; readonly text: string }[];
}

export interface Form {
  readonly method: 'GET' | 'POST';
  readonly action: string;
  readonly fields: readonly { readonly name: string; readonly value: string; readonly sent: boolean }[];
  readonly buttons: readonly { readonly name: string; readonly value: string; readonly text: string }[];
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly host: string;
  readonly path: string;
  readonly secure: boolean;
}

const LONGEST_CHAIN = 20;

export function createBrowser(options: {
  /** PEM of the authorities to trust. */
  readonly ca?: string;
  /** Addresses a redirect may lead to without their being opened. */
  readonly stopAt?: (url: URL) => boolean;
}): Browser {
  let jar: Cookie[] = [];
  const visited: string[] = [];

  async function visit(method: string, address: string, form: URLSearchParams | null): Promise<BrowserPage> {
    let url = new URL(address);
    let body = form;
    for (let step = 0; step < LONGEST_CHAIN; step++) {
      if (step > 0 && options.stopAt?.(url)) return pageOf(url, null, {}, '');
      visited.push(url.href);
      const answer = await exchange(url, body ? method : 'GET', body, cookiesFor(jar, url), options.ca);
      jar = stored(jar, url, answer.headers['set-cookie'] ?? []);
      const { location } = answer.headers;
      const redirected = answer.status >= 300 && answer.status < 400 && location !== undefined;
      if (!redirected) return pageOf(url, answer.status, answer.headers, answer.text);
      url = new URL(location, url);
      // 307 and 308 repeat the form; the others become a GET.
      if (answer.status < 307) body = null;
    }
    throw new Error(`more than ${LONGEST_CHAIN} redirects from ${address}`);
  }

  return {
    visited,
    open: (url) => visit('GET', url, null),
    submit: async (page, values = {}, button) => {
      const form = page.forms.find(({ buttons }) => !button || buttons.some(({ text }) => text === button));
      if (!form) throw new Error(`no form with a button "${button}" at ${page.url}: ${page.html}`);
      const data = filled(form, values, button);
      if (form.method === 'POST') return visit('POST', form.action, data);
      const url = new URL(form.action);
      for (const [name, value] of data) url.searchParams.append(name, value);
      return visit('GET', url.href, null);
    },
  };
}

function filled(
  form: Form,
  values: Readonly<Record<string, string | readonly string[] | null>>,
  button: string | undefined,
): URLSearchParams {
  const data = new URLSearchParams();
  for (const { name, value, sent } of form.fields)
    if (sent && !Object.hasOwn(values, name)) data.append(name, value);
  for (const [name, value] of Object.entries(values))
    for (const one of value === null ? [] : [value].flat()) data.append(name, one);
  const pressed = form.buttons.find(({ text }) => !button || text === button);
  if (pressed && pressed.name !== '') data.append(pressed.name, pressed.value);
  return data;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function exchange(
  url: URL,
  method: string,
  form: URLSearchParams | null,
  cookie: string,
  ca: string | undefined,
): Promise<Answer> {
  const body = form?.toString() ?? '';
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      {
        method,
        agent: false,
        ...(ca === undefined ? {} : { ca }),
        headers: {
          accept: 'text/html',
          ...(cookie === '' ? {} : { cookie }),
          ...(form
            ? {
                'content-type': 'application/x-www-form-urlencoded',
                'content-length': Buffer.byteLength(body),
              }
            : {}),
        },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** Browsers take this machine for as good as TLS. */
const isTrusted = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || ['localhost', '127.0.0.1'].includes(hostname);

function cookiesFor(jar: readonly Cookie[], url: URL): string {
  const under = (path: string): boolean =>
    url.pathname === path || url.pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
  return jar
    .filter(({ host, path, secure }) => host === url.hostname && under(path) && (!secure || isTrusted(url)))
    .map(({ name, value }) => `${name}=${value}`)
    .join('; ');
}

/** RFC 6265, as far as it matters here: host-only cookies, paths, deletion by a date that is over. */
function stored(jar: readonly Cookie[], url: URL, lines: readonly string[]): Cookie[] {
  let kept = [...jar];
  for (const line of lines) {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    const attribute = (wanted: string): string | undefined =>
      attributes.map((text) => text.split(/=(.*)/s)).find(([key = '']) => key.toLowerCase() === wanted)?.[1];
    const flagged = attributes.some((text) => text.toLowerCase() === 'secure');
    const path = attribute('path') ?? (url.pathname.replace(/\/[^/]*$/, '') || '/');
    kept = kept.filter((one) => one.name !== name || one.host !== url.hostname || one.path !== path);
    const expires = attribute('expires');
    const over = attribute('max-age') === '0' || (expires !== undefined && Date.parse(expires) < Date.now());
    if (!over) kept.push({ name, value, host: url.hostname, path, secure: flagged });
  }
  return kept;
}

function pageOf(url: URL, status: number | null, headers: IncomingHttpHeaders, html: string): BrowserPage {
  const forms = [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, tag = '', inside = '']) =>
    formOf(url, tag, inside),
  );
  const links = [...html.matchAll(/<a\b([^>]*)>([\s\S]*?)<\/a>/gi)].flatMap(([, tag = '', inside = '']) => {
    const href = attributeOf(tag, 'href');
    return href === null ? [] : [{ href: new URL(href, url).href, text: textOf(inside) }];
  });
  return { url: url.href, status, headers, html, forms, links };
}

function formOf(url: URL, tag: string, inside: string): Form {
  const inputs = [...inside.matchAll(/<input\b([^>]*)>/gi)].flatMap(([, attributes = '']) => {
    const name = attributeOf(attributes, 'name');
    if (name === null) return [];
    const choice = /^(checkbox|radio)$/i.test(attributeOf(attributes, 'type') ?? '');
    const sent = !choice || /\schecked\b/i.test(attributes);
    return [{ name, value: attributeOf(attributes, 'value') ?? (choice ? 'on' : ''), sent }];
  });
  const selects = [...inside.matchAll(/<select\b([^>]*)>([\s\S]*?)<\/select>/gi)].flatMap(
    ([, attributes = '', options = '']) => {
      const name = attributeOf(attributes, 'name');
      const [, first = ''] = /<option\b([^>]*)>/i.exec(options) ?? [];
      return name === null ? [] : [{ name, value: attributeOf(first, 'value') ?? '', sent: true }];
    },
  );
  const buttons = [...inside.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/gi)].map(
    ([, attributes = '', text = '']) => ({
      name: attributeOf(attributes, 'name') ?? '',
      value: attributeOf(attributes, 'value') ?? '',
      text: textOf(text),
    }),
  );
  const method = (attributeOf(tag, 'method') ?? 'get').toUpperCase() === 'POST' ? 'POST' : 'GET';
  const action = new URL(attributeOf(tag, 'action') ?? url.href, url).href;
  return { method, action, fields: [...inputs, ...selects], buttons };
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const unescape = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name] ?? '');
const textOf = (html: string): string => unescape(html.replace(/<[^>]*>/g, '')).trim();

function attributeOf(tag: string, name: string): string | null {
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(` ${tag}`);
  return match ? unescape(match[1] ?? match[2] ?? match[3] ?? '') : null;
}
