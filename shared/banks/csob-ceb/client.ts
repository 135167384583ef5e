import { Failure } from '../../domain/failure.ts';
import { child, textAt } from '../../formats/camt/fields.ts';
import { FormatError } from '../../formats/errors.ts';
import { readXml, type XmlElement } from '../../formats/xml.ts';
import type { BankCall, Told } from '../../http/types.ts';
import { failureOf, TOO_MANY_CALLS, unclearAnswer, type Fault, type Unclear } from './errors.ts';

/**
 * The SOAP 1.1 service of Business Connector (document/literal): few operations, so their envelopes are written by
 * hand. Each version of an operation has a namespace of its own, and the order of elements counts.
 */
export type Operation = 'GetDownloadFileList_v4' | 'StartUploadFileList_v3' | 'FinishUploadFileList_v2';

/** One exchange. @param fields elements of the request, in the order of the schema */
export type Client = (operation: Operation, fields: readonly string[], options: Exchanged) => Promise<Answer>;

export interface Exchanged {
  readonly read: boolean;
  /** What an answer nobody understands means. */
  readonly unclear: Unclear;
}

export interface Answer {
  /** The response element. */
  readonly element: XmlElement;
  /** The bank's number of the exchange, else our request id. */
  readonly ticket: string;
}

const ENVELOPE = 'http://schemas.xmlsoap.org/soap/envelope/';
const NAMESPACE = 'http://ceb-bc.csob.cz/CEBBCWS/';
const XML = 'text/xml';

/** @throws Failure from every exchange: what a fault means, `protocol` or as told for what is no answer */
export function createClient(call: BankCall): Client {
  return async (operation, fields, { read, unclear }) => {
    const response = await call({
      operation,
      method: 'POST',
      path: '',
      accept: [XML, 'application/xml'],
      headers: { 'Content-Type': `${XML}; charset=utf-8`, SOAPAction: `"${operation}"` },
      body: envelope(operation, fields),
      told: ({ status, body }) => (status === 200 ? null : toldOf(body)),
      read,
    });
    const { status, body, requestId } = response;
    const element = status === 200 ? answerOf(body, operation, requestId, unclear) : bodyOrNull(body);
    const fault = element && faultOf(element);
    if (fault) throw failureOf(fault, operation, status, unclear);
    if (status !== 200 || element?.name !== operation.replace('_v', 'Response_v')) {
      throw unclearAnswer(operation, response, unclear);
    }
    return { element, ticket: textAt(element, 'TicketId') ?? requestId };
  };
}

function envelope(operation: Operation, fields: readonly string[]): string {
  const name = operation.replace('_v', 'Request_v');
  const content = `<${name} xmlns="${NAMESPACE}${operation}">${fields.join('')}</${name}>`;
  const body = `<s:Envelope xmlns:s="${ENVELOPE}"><s:Body>${content}</s:Body></s:Envelope>`;
  return `<?xml version="1.0" encoding="utf-8"?>${body}`;
}

/** The one element in the envelope's body; `null` when the document is none. @throws FormatError */
function bodyOf(bytes: Uint8Array): XmlElement | null {
  let found: XmlElement | null = null;
  for (const event of readXml([bytes], { isPart: (path) => path.length === 3 })) {
    if (event.type !== 'part' || event.path[0] !== 'Envelope' || event.path[1] !== 'Body') continue;
    found ??= event.element;
  }
  return found;
}

function bodyOrNull(bytes: Uint8Array): XmlElement | null {
  try {
    return bodyOf(bytes);
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}

/** @throws Failure `protocol` for a read that does not parse; what was sent and answered so is as unclear as ever */
function answerOf(
  bytes: Uint8Array,
  operation: Operation,
  requestId: string,
  unclear: Unclear,
): XmlElement | null {
  try {
    return bodyOf(bytes);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const kind = unclear === 'outcome-unknown' ? unclear : 'protocol';
    const message = `The answer of ${operation} is no readable XML (${error.rule}). Report it to the bank with its time.`;
    throw new Failure(kind, message, { operation, status: 200, requestId });
  }
}

function faultOf(element: XmlElement): Fault | null {
  if (element.name !== 'Fault') return null;
  const detail = child(element, 'detail', 'CEBBCError');
  return {
    code: textAt(detail, 'Code'),
    ticket: textAt(detail, 'TicketId'),
    client: /(^|:)Client$/.test(textAt(element, 'faultcode') ?? ''),
  };
}

/** A fault comes under status 500, which otherwise says that the bank is down. */
function toldOf(body: Uint8Array): Told | null {
  const element = bodyOrNull(body);
  const fault = element && faultOf(element);
  if (!fault) return null;
  const { code, ticket } = fault;
  return {
    kind: code === TOO_MANY_CALLS ? 'too-many-calls' : 'answer',
    ...(code === null ? {} : { code }),
    ...(ticket === null ? {} : { requestId: ticket }),
  };
}
