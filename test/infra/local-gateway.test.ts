import { request } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGateway, type Gateway } from '../../infra/local/gateway.ts';
import { makeStack } from '../support/stack.ts';

const ECHO = `
  export const handler = async (event, context) => ({
    event,
    context: { ...context, remaining: context.getRemainingTimeInMillis() },
    environment: process.env,
  });`;

const BEHAVIOURS = `
  const behaviours = {
    throw: () => { throw new TypeError('the secret reason'); },
    crash: () => { setTimeout(() => { throw new Error('out of nowhere'); }); return new Promise(() => {}); },
    exit: () => process.exit(3),
    hang: () => new Promise(() => {}),
    plain: () => ({ at: new Date(0), nothing: undefined }),
    nothing: () => undefined,
    binary: () => ({ statusCode: 200, headers: { 'Content-Type': 'application/pdf' }, isBase64Encoded: true,
      body: Buffer.from([0, 255, 10]).toString('base64') }),
    headers: () => ({ statusCode: 201, headers: { 'X-Number': 7 }, cookies: ['a=1', 'b=2'], body: 'made' }),
    empty: () => ({ statusCode: 204 }),
    'bad-status': () => ({ statusCode: 'many' }),
    'bad-header': () => ({ statusCode: 200, headers: { 'x-bad': 'a\\nb' } }),
    large: () => ({ statusCode: 200, body: 'x'.repeat(7 * 1024 * 1024) }),
    log: () => { console.log('{"event":"said"}'); return { statusCode: 200 }; },
  };
  export const handler = async (event) => behaviours[event.pathParameters.what]();`;

const stack = makeStack({
  'api-echo': {
    code: ECHO,
    timeout: 29,
    env: { GREETING: 'hello' },
    routes: ['GET /things', 'POST /things', 'GET /things/{id}', 'GET /things/special', 'GET /files/{rest+}'],
  },
  'api-behave': { code: BEHAVIOURS, timeout: 1, routes: ['ANY /behave/{what}'] },
  'api-broken': { code: 'export const handler = 7;', routes: ['GET /broken'] },
});
const printed: string[] = [];
let offset = -5000;
let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway({
    packaged: stack.packaged,
    schedule: false,
    print: (line) => printed.push(line),
    extraEnv: { EXTRA: 'more' },
    clockOffsetMs: () => offset,
  });
});

afterAll(async () => {
  await gateway?.stop();
  stack.remove();
});

interface Echo {
  readonly event: APIGatewayProxyEventV2;
  readonly context: Record<string, unknown>;
  readonly environment: Record<string, string>;
}

const get = (path: string, init?: RequestInit) => fetch(gateway.url + path, init);
const echo = async (path: string, init?: RequestInit) => (await (await get(path, init)).json()) as Echo;

/** Sends a request target as it stands, which fetch would tidy up. */
function raw(target: string): Promise<number | undefined> {
  const { hostname, port } = new URL(gateway.url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path: target }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .once('error', reject)
      .end();
  });
}

describe('an event', () => {
  test('has the form of an HTTP API event, version 2.0', async () => {
    const { event } = await echo('/things/a%2Fb%C5%99?tag=x&tag=y&empty=&q=a%20b', {
      headers: { 'X-Custom': 'Value', cookie: 'one=1; two=2', 'user-agent': 'tester' },
    });
    const { host } = new URL(gateway.url);
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'GET /things/{id}',
      rawPath: '/things/a%2Fb%C5%99',
      rawQueryString: 'tag=x&tag=y&empty=&q=a%20b',
      cookies: ['one=1', 'two=2'],
      headers: { 'x-custom': 'Value', host },
      queryStringParameters: { tag: 'x,y', empty: '', q: 'a b' },
      pathParameters: { id: 'a/bř' },
      isBase64Encoded: false,
      requestContext: {
        accountId: '000000000000',
        domainName: host,
        stage: '$default',
        routeKey: 'GET /things/{id}',
        http: {
          method: 'GET',
          path: '/things/a%2Fb%C5%99',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'tester',
        },
      },
    });
    expect(event.headers).not.toHaveProperty('cookie');
    expect(event).not.toHaveProperty('body');
    expect(event.requestContext.time).toMatch(/^\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} \+0000$/);
    expect(Math.abs(event.requestContext.timeEpoch - Date.now())).toBeLessThan(60_000);
  });

  test('leaves out what a request does not have', async () => {
    const { event } = await echo('/things');
    for (const absent of ['queryStringParameters', 'pathParameters', 'cookies', 'body']) {
      expect(event).not.toHaveProperty(absent);
    }
  });

  test.each([
    ['application/json; charset=utf-8', Buffer.from('{"ř":1}'), false],
    ['text/csv', Buffer.from('a;b'), false],
    ['application/x-pkcs12', Buffer.from('plain bytes'), true],
    ['application/json', Buffer.from([0x22, 0xff, 0x22]), true],
    ['', Buffer.from('untyped'), true],
  ])('carries a body of type "%s" as text or as base64', async (type, bytes, base64) => {
    const { event } = await echo('/things', {
      method: 'POST',
      body: bytes,
      headers: { 'content-type': type },
    });
    expect(event.isBase64Encoded).toBe(base64);
    expect(Buffer.from(event.body ?? '', base64 ? 'base64' : 'utf8')).toEqual(bytes);
  });

  test('comes with the context of its function and only its own environment', async () => {
    const { event, context, environment } = await echo('/things');
    expect(context).toMatchObject({
      functionName: 'test-api-echo',
      memoryLimitInMB: '512',
      awsRequestId: event.requestContext.requestId,
      invokedFunctionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:test-api-echo',
    });
    expect(context['remaining']).toBeGreaterThan(20_000);
    expect(context['remaining']).toBeLessThanOrEqual(29_000);
    expect(environment).toMatchObject({
      GREETING: 'hello',
      EXTRA: 'more',
      BRANA_CLOCK_OFFSET_MS: '-5000',
      AWS_ENDPOINT_URL_S3: gateway.env['AWS_ENDPOINT_URL_S3'],
    });
    expect(environment).not.toHaveProperty('PATH');
    expect(environment).not.toHaveProperty('AWS_LAMBDA_FUNCTION_NAME');
  });

  test('tells how far the clock has moved on', async () => {
    offset = 3_600_000;
    const { environment } = await echo('/things');
    expect(environment['BRANA_CLOCK_OFFSET_MS']).toBe('3600000');
  });
});

describe('a route', () => {
  test.each([
    ['GET', '/things/special', 'GET /things/special'],
    ['GET', '/things/other', 'GET /things/{id}'],
    ['POST', '/things', 'POST /things'],
    ['GET', '/files/a/b/c', 'GET /files/{rest+}'],
  ])('%s %s is %s', async (method, path, routeKey) => {
    const { event } = await echo(path, { method });
    expect(event.routeKey).toBe(routeKey);
  });

  test.each([
    ['GET', '/'],
    ['GET', '/things/'],
    ['GET', '/things/a/b'],
    ['GET', '/Things'],
    ['DELETE', '/things'],
    ['GET', '/thingsX'],
  ])('does not exist for %s %s', async (method, path) => {
    const answer = await get(path, { method });
    expect([answer.status, await answer.json()]).toEqual([404, { message: 'Not Found' }]);
  });

  test('refuses a badly encoded path', async () => {
    expect(await raw('/things/%ZZ')).toBe(400);
  });
});

describe('an answer', () => {
  test('is JSON with status 200 when the result names no status', async () => {
    const answer = await get('/behave/plain');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await answer.json()).toEqual({ at: '1970-01-01T00:00:00.000Z' });
    expect(await (await get('/behave/nothing')).json()).toBeNull();
  });

  test('carries bytes, headers and cookies', async () => {
    const binary = await get('/behave/binary');
    expect(binary.headers.get('content-type')).toBe('application/pdf');
    expect(Buffer.from(await binary.arrayBuffer())).toEqual(Buffer.from([0, 255, 10]));
    const headers = await get('/behave/headers');
    expect([headers.status, headers.headers.get('x-number'), await headers.text()]).toEqual([
      201,
      '7',
      'made',
    ]);
    expect(headers.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(headers.headers.get('apigw-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    expect((await get('/behave/empty')).status).toBe(204);
    expect(await (await get('/behave/headers', { method: 'HEAD' })).text()).toBe('');
  });

  test.each(['throw', 'exit', 'crash', 'hang', 'bad-status', 'bad-header', 'large'])(
    'is 500 without detail when a function does "%s", and the next request is served',
    async (what) => {
      const answer = await get(`/behave/${what}`);
      expect([answer.status, await answer.json()]).toEqual([500, { message: 'Internal Server Error' }]);
      expect((await get('/behave/empty')).status).toBe(204);
    },
  );

  test('of a module without the handler is 500, and the log says so', async () => {
    expect((await get('/broken')).status).toBe(500);
    expect(printed.join('\n')).toContain('exports no function handler');
  });

  test('never tells why a function failed, the log does', async () => {
    printed.length = 0;
    const answer = await get('/behave/throw');
    expect(JSON.stringify([await answer.text(), ...answer.headers])).not.toContain('secret reason');
    const line = JSON.parse(printed.at(-1) ?? '{}') as Record<string, string>;
    expect(line).toMatchObject({ event: 'function.failed', function: 'api-behave', errorType: 'TypeError' });
    expect(line['errorMessage']).toBe('the secret reason');
    expect(line['requestId']).toBe(answer.headers.get('apigw-requestid'));
  });
});

describe('a body', () => {
  const post = (bytes: number) =>
    get('/things', {
      method: 'POST',
      body: Buffer.alloc(bytes, 'x'),
      headers: { 'content-type': 'text/plain' },
    });

  test('of 5 MB is taken', async () => {
    const { event } = (await (await post(5_000_000)).json()) as Echo;
    expect(event.body?.length).toBe(5_000_000);
  });

  test.each([
    ['above the 10 MB of API Gateway', 10 * 1024 * 1024 + 1],
    ['above the 6 MB of Lambda', 7 * 1024 * 1024],
  ])('%s is 413', async (_, bytes) => {
    const answer = await post(bytes);
    expect([answer.status, await answer.json()]).toEqual([413, { message: 'Request Entity Too Large' }]);
  });

  test('without a length is cut off at 10 MB too', async () => {
    const chunk = new Uint8Array(1024 * 1024);
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (sent++ < 12) controller.enqueue(chunk);
        else controller.close();
      },
    });
    const answer = await get('/things', { method: 'POST', body, duplex: 'half' } as RequestInit);
    expect(answer.status).toBe(413);
  });
});

describe('invoke', () => {
  test('gives the result as JSON', async () => {
    expect(await gateway.invoke('api-behave', { pathParameters: { what: 'plain' } })).toEqual({
      at: '1970-01-01T00:00:00.000Z',
    });
  });

  test('rejects with the error of the function', async () => {
    await expect(gateway.invoke('api-behave', { pathParameters: { what: 'throw' } })).rejects.toMatchObject({
      name: 'InvocationError',
      errorType: 'TypeError',
      message: 'api-behave failed: TypeError: the secret reason',
    });
    await expect(gateway.invoke('api-behave', { pathParameters: { what: 'hang' } })).rejects.toMatchObject({
      errorType: 'Sandbox.Timedout',
    });
  });

  test('rejects a function that is not there, naming those that are', async () => {
    await expect(gateway.invoke('api-nothing', {})).rejects.toThrow(/no function api-nothing.*api-echo/);
  });

  test("passes the functions' output on, line by line", async () => {
    printed.length = 0;
    await gateway.invoke('api-behave', { pathParameters: { what: 'log' } });
    await expect.poll(() => printed).toEqual(['{"event":"said"}']);
  });
});
