import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { CZK, failureOf, group, MINUTE, openDesk, payment, sentOf, submit, toRender } from './support.ts';

/** Everything both sides say, against the bank's own schemas, which belong to the bank and are not in the project. */
const FOLDER = fileURLToPath(new URL('../../../../shared/contracts/csob-ceb/', import.meta.url));

interface LibXml {
  readonly XmlDocument: { fromBuffer(bytes: Uint8Array): { dispose(): void } };
  readonly XsdValidator: { fromDoc(schema: unknown): { validate(document: unknown): void } };
}
const VALIDATOR = 'libxml2-wasm';
const library = await (import(VALIDATOR) as Promise<LibXml>).catch(() => null);
const stands = existsSync(`${FOLDER}CEBBCWS.wsdl`);
if (!library || !stands) {
  const missing = library ? 'the contract of CEB Business Connector' : VALIDATOR;
  console.log(
    `SKIPPED: ${missing} is not beside the checkout; its messages were checked by the simulated bank only`,
  );
}

function validatorOf({ XmlDocument, XsdValidator }: LibXml, schema: string): (bytes: Uint8Array) => void {
  const validator = XsdValidator.fromDoc(XmlDocument.fromBuffer(readFileSync(FOLDER + schema)));
  return (bytes) => {
    const document = XmlDocument.fromBuffer(bytes);
    try {
      validator.validate(document);
    } finally {
      document.dispose();
    }
  };
}

/** The message in an envelope, as a document of its own: both sides declare its namespace on it. */
function messageIn(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('utf8');
  const body = /<s:Body>(.*)<\/s:Body>/s.exec(text)![1]!;
  return Buffer.from(/<detail>(.*)<\/detail>/s.exec(body)?.[1] ?? body);
}

describe.skipIf(!library || !stands)('the bank’s schemas', () => {
  test('accept every message of a life of an order and of statements, on both sides', async () => {
    const desk = openDesk();
    const connector = desk.connector({ uploadMode: 'OnlyCorrect' });
    await connector.prove();
    await connector.accounts();
    desk.bank.flaw({ kind: 'preparing', matches: ({ format }) => format === 'PDF' });
    await desk.connector().statements(CZK, { from: '2026-11-01', to: '2026-11-21' }, null);
    await desk.connector().rates(null, null);
    const order = sentOf(connector, toRender([group([payment(100n), payment(200n)])]));
    desk.bank.refuse(2);
    await submit(connector, order);
    await submit(connector, order);
    desk.clock.advance(5 * MINUTE);
    const { document } = (await connector.orderStatus(order))!;
    desk.bank.misbehave({ kind: 'blocked-certificate' });
    await failureOf(desk.connector().prove());

    const checks = new Map<string, (bytes: Uint8Array) => void>();
    const check = (schema: string, bytes: Uint8Array): void => {
      const validate = checks.get(schema) ?? validatorOf(library!, schema);
      checks.set(schema, validate);
      validate(bytes);
    };
    for (const { request, response } of desk.sent) {
      const operation = request.headers['soapaction']?.replaceAll('"', '');
      if (operation === undefined) continue;
      const [name, version] = operation.split('_');
      check(`${name}Request_${version}.xsd`, messageIn(request.body!));
      const schema = response!.status === 200 ? `${name}Response_${version}.xsd` : 'CEBBCError_v2.xsd';
      check(schema, messageIn(response!.body));
    }
    check('import-protocol.pain.002.001.03.csob.xsd', document!.bytes);
    // Three operations in both directions, the fault and the protocol.
    expect(checks.size).toBe(8);
  });

  test('the validator can say no', () => {
    const validate = validatorOf(library!, 'CEBBCError_v2.xsd');
    expect(() => validate(Buffer.from('<CEBBCError/>'))).toThrow();
  });

  test('protocols of every outcome', async () => {
    for (const [mode, refused, code] of [
      ['AllOrNothing', [1], null],
      ['AllOrNothing', [], null],
      ['OnlyCorrect', [1, 2], null],
      ['AllOrNothing', [], 'SIGE'],
    ] as const) {
      const desk = openDesk();
      const connector = desk.connector({ uploadMode: mode });
      desk.bank.refuse(...refused);
      if (code !== null) desk.bank.answerWith(code);
      const order = sentOf(connector, toRender([group([payment(1_00n), payment(2_00n)])]));
      await submit(connector, order);
      desk.clock.advance(5 * MINUTE);
      const { document } = (await connector.orderStatus(order))!;
      validatorOf(library!, 'import-protocol.pain.002.001.03.csob.xsd')(document!.bytes);
    }
  });
});
