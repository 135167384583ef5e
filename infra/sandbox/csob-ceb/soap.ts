import { SaxesParser, type SaxesTagNS } from 'saxes';
import type { SandboxResponse } from '../types.ts';

/** The SOAP 1.1 side of the simulated bank, by its WSDL. Requests are read with namespaces, as the bank reads them. */

const ENVELOPE = 'http://schemas.xmlsoap.org/soap/envelope/';
export const NAMESPACE = 'http://ceb-bc.csob.cz/CEBBCWS/';

/** An element as read: local name, namespace, own text, children. */
export interface Read {
  readonly name: string;
  readonly namespace: string;
  text: string;
  readonly children: Read[];
}

/** A request the bank cannot take as a message; the caller's fault. */
export class MessageError extends Error {
  override readonly name = 'MessageError';
}

/** The element in the body of an envelope. @throws MessageError */
export function readEnvelope(body: Uint8Array): Read {
  const root: Read = { name: '', namespace: '', text: '', children: [] };
  const open: Read[] = [root];
  const parser = new SaxesParser({ xmlns: true });
  let broken: Error | null = null;
  parser.on('error', (error) => (broken ??= error));
  parser.on('doctype', () => (broken ??= new Error('a document type')));
  parser.on('opentag', (tag: SaxesTagNS) => {
    const element: Read = { name: tag.local, namespace: tag.uri, text: '', children: [] };
    open.at(-1)!.children.push(element);
    open.push(element);
  });
  parser.on('text', (text) => (open.at(-1)!.text += text));
  parser.on('closetag', () => void open.pop());
  parser.write(Buffer.from(body).toString('utf8')).close();
  const [envelope] = root.children;
  const content = envelope?.children.find(({ name }) => name === 'Body')?.children ?? [];
  if (broken || envelope?.name !== 'Envelope' || envelope.namespace !== ENVELOPE || content.length !== 1) {
    throw new MessageError('The body is no SOAP 1.1 envelope with one message.');
  }
  return content[0]!;
}

export const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const xml = (status: number, text: string): SandboxResponse => ({
  status,
  headers: { 'content-type': 'text/xml; charset=utf-8' },
  body: Buffer.from(`<?xml version="1.0" encoding="utf-8"?>${text}`),
});

const wrapped = (content: string): string =>
  `<s:Envelope xmlns:s="${ENVELOPE}"><s:Body>${content}</s:Body></s:Envelope>`;

/** @param operation with its version */
export function answer(operation: string, content: string, ticket: string): SandboxResponse {
  const name = operation.replace('_v', 'Response_v');
  const message = `<b:${name} xmlns:b="${NAMESPACE}${operation}">${content}${tag('TicketId', ticket)}</b:${name}>`;
  return xml(200, wrapped(message));
}

/** An element of the answer's own namespace. */
export const tag = (name: string, text: string): string => `<b:${name}>${escapeXml(text)}</b:${name}>`;
export const element = (name: string, ...content: readonly string[]): string =>
  `<b:${name}>${content.join('')}</b:${name}>`;

/** A fault with the bank's detail (CEBBCError_v2). */
export function fault(code: string, text: string, ticket: string): SandboxResponse {
  const detail =
    `<e:CEBBCError xmlns:e="${NAMESPACE}CEBBCError_v2"><e:Code>${code}</e:Code>` +
    `<e:Text>${escapeXml(text)}</e:Text><e:TicketId>${ticket}</e:TicketId></e:CEBBCError>`;
  return xml(500, wrapped(faultOf('s:Server', 'CEBBCError', `<detail>${detail}</detail>`)));
}

/** What SOAP itself says to a message that does not follow the schema. */
export const clientFault = (text: string, status = 500): SandboxResponse =>
  xml(status, wrapped(faultOf('s:Client', text, '')));

const faultOf = (code: string, text: string, detail: string): string =>
  `<s:Fault><faultcode>${code}</faultcode><faultstring>${escapeXml(text)}</faultstring>${detail}</s:Fault>`;
