import { createHash } from 'node:crypto';

/** Where a browser comes back to from a bank's page to sign an order: the same for all, so that banks can register it. */
export const SIGNED_PATH = '/signed';

/** Routes that answer with a page, beside those of the API. */
export const PAGE_ROUTES = ['GET /authorise/{link}', 'GET /callbacks/{bank}', `GET ${SIGNED_PATH}`] as const;

/**
 * The few pages a person sees: plain HTML without scripts. Whatever a caller sent is never shown; what we store is
 * escaped. Nobody may frame, keep or sniff them.
 */
export interface Page {
  readonly status: number;
  readonly title: string;
  /** Paragraphs of plain text. */
  readonly text: readonly string[];
  /** Facts as a list: name, value. */
  readonly facts?: readonly (readonly [string, string])[];
  readonly link?: { readonly href: string; readonly label: string };
}

const STYLE = `body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
h1{font-size:1.4rem}dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1rem}dt{color:#57606a}dd{margin:0}
a{display:inline-block;margin-top:1rem;padding:.6rem 1rem;border:1px solid #1b1f24;border-radius:.3rem;color:inherit;text-decoration:none}`;

/** Only the style above is allowed, by its hash (CSP 3). */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': POLICY,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export function htmlOf({ title, text, facts = [], link }: Page): string {
  const list = facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join('');
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escaped(title)}</title><style>${STYLE}</style></head><body><main>`,
    `<h1>${escaped(title)}</h1>`,
    ...text.map((paragraph) => `<p>${escaped(paragraph)}</p>`),
    list === '' ? '' : `<dl>${list}</dl>`,
    link ? `<a href="${escaped(link.href)}" rel="noreferrer">${escaped(link.label)}</a>` : '',
    '</main></body></html>',
  ].join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (letter) => ENTITIES[letter]!);
