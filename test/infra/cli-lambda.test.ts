import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { CliError, EXIT } from '../../infra/local/cli/exit.ts';
import { invokeFunction, sign } from '../../infra/local/cli/lambda.ts';
import { freePort, listenLocally } from '../../infra/local/engine.ts';

/** Example credentials of the AWS documentation. */
const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};

test('signs as the vector "get-vanilla" of the AWS Signature Version 4 test suite', () => {
  const headers = sign({
    method: 'GET',
    url: new URL('https://example.amazonaws.com/'),
    body: '',
    service: 'service',
    region: 'us-east-1',
    credentials,
    now: Date.parse('2015-08-30T12:36:00Z'),
  });
  expect(headers['authorization']).toBe(
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ' +
      'SignedHeaders=host;x-amz-date, ' +
      'Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  );
});

test('a session token is sent and signed', () => {
  const headers = sign({
    method: 'POST',
    url: new URL('https://lambda.eu-central-1.amazonaws.com/2015-03-31/functions/f/invocations'),
    body: '{}',
    service: 'lambda',
    region: 'eu-central-1',
    credentials: { ...credentials, sessionToken: 'token' },
    now: 0,
  });
  expect(headers).toMatchObject({ 'x-amz-security-token': 'token', 'x-amz-date': '19700101T000000Z' });
  expect(headers['authorization']).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token');
});

const target = { region: 'eu-central-1', functionName: 'brana-dev-admin-bootstrap', credentials };

test.each([
  [
    403,
    {},
    '{"Message":"not authorized to perform: lambda:InvokeFunction"}',
    EXIT.refused,
    'lambda:InvokeFunction',
  ],
  [404, {}, '{"Message":"Function not found"}', EXIT.refused, 'stage, region'],
  [200, { 'x-amz-function-error': 'Unhandled' }, '{"errorMessage":"x"}', EXIT.failed, 'serverless logs'],
])('AWS answering %i %j says what to do', async (status, headers, body, exit, words) => {
  const server = createServer((_, response) => void response.writeHead(status, headers).end(body));
  const endpoint = `http://127.0.0.1:${await listenLocally(server)}`;
  const refused = await invokeFunction({ ...target, endpoint }, {}, Date.now()).catch(
    (error: unknown) => error,
  );
  server.close();
  expect(refused).toBeInstanceOf(CliError);
  expect(refused).toMatchObject({ exit, message: expect.stringContaining(words) as string });
});

test('AWS out of reach', async () => {
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const refused = await invokeFunction({ ...target, endpoint }, {}, Date.now()).catch(
    (error: unknown) => error,
  );
  expect(refused).toMatchObject({ exit: EXIT.unreachable });
});
