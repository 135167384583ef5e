import { createHash } from 'node:crypto';
import type { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { archiveClient, archiveKey, createArchive } from '../../shared/store/archive.ts';
import { linkTo } from '../../shared/store/presign.ts';
import { BUCKET } from '../faults/engines.ts';
import { lostAnswer, lostCall, random, refusedWith, road, testClock, useEngines } from './support.ts';

const world = useEngines();

function open() {
  const client = archiveClient();
  const way = road<PutObjectCommand | GetObjectCommand>((command) => client.send(command as never));
  const clock = testClock();
  return { archive: createArchive(way.send, BUCKET, clock, random), road: way, clock, client };
}
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const puts = (way: ReturnType<typeof open>['road']) =>
  way.sent.map((command) => command.input as PutObjectCommand['input']);

describe('the archive', () => {
  it('gives back the bytes as they came', async () => {
    const { archive } = open();
    const raw = Uint8Array.from({ length: 256 }, (_, n) => n);
    const sha256 = await archive.keep('com_1', 'statement', raw, 'application/xml');
    expect(sha256).toBe(createHash('sha256').update(raw).digest('hex'));
    expect(Buffer.from((await archive.read('com_1', 'statement', sha256))!)).toEqual(Buffer.from(raw));
  });

  it('keeps an empty document too', async () => {
    const { archive } = open();
    const sha256 = await archive.keep('com_1', 'transactions', bytes(''), 'application/json');
    expect(await archive.read('com_1', 'transactions', sha256)).toHaveLength(0);
  });

  it('has one object for the same bytes, whatever they were called', async () => {
    const { archive } = open();
    const kept = await Promise.all(
      Array.from({ length: 5 }, () => archive.keep('com_twice', 'statement', bytes('x'), 'text/plain')),
    );
    expect(new Set(kept)).toEqual(new Set([sha('x')]));
    expect((await world.engines.objects('com_twice/')).map(({ key }) => key)).toEqual([
      `com_twice/statement/${sha('x')}`,
    ]);
  });

  it('asks that nothing be overwritten, and takes a refusal for what was wanted', async () => {
    const { archive, road } = open();
    road.next('PutObject', refusedWith('PreconditionFailed', 412));
    expect(await archive.keep('com_1', 'statement', bytes('there'), 'text/plain')).toBe(sha('there'));
    expect(puts(road)).toMatchObject([{ IfNoneMatch: '*', Key: `com_1/statement/${sha('there')}` }]);
  });

  it('marks raw answers, which expire, and no statement', async () => {
    const { archive, road } = open();
    for (const kind of ['statement', 'transactions', 'balances'] as const) {
      await archive.keep('com_1', kind, bytes(kind), 'text/plain');
    }
    expect(puts(road).map(({ Tagging }) => Tagging)).toEqual([undefined, 'retention=raw', 'retention=raw']);
  });

  it('is one per company and kind: a foreign hash finds nothing', async () => {
    const { archive } = open();
    const sha256 = await archive.keep('com_a', 'statement', bytes('secret of a'), 'text/plain');
    expect(await archive.read('com_b', 'statement', sha256)).toBeNull();
    expect(await archive.read('com_a', 'transactions', sha256)).toBeNull();
    expect(archiveKey('com_a', 'statement', sha256)).toBe(`com_a/statement/${sha256}`);
  });
});

describe('a bad line to the archive', () => {
  it('is asked again, on the clock', async () => {
    const { archive, road, clock } = open();
    road.next(
      'PutObject',
      refusedWith('SlowDown', 503),
      lostAnswer,
      lostCall,
      refusedWith('InternalError', 500),
    );
    const sha256 = await archive.keep('com_bad', 'statement', bytes('kept'), 'text/plain');
    road.next('GetObject', lostCall, refusedWith('ServiceUnavailable', 503));
    expect(await archive.read('com_bad', 'statement', sha256)).toEqual(new Uint8Array(bytes('kept')));
    expect(clock.naps).toHaveLength(6);
  });

  it('that stays bad is told: nobody believes a document kept that is not', async () => {
    const { archive, road } = open();
    road.next('PutObject', ...Array.from({ length: 20 }, () => refusedWith('SlowDown', 503)));
    await expect(archive.keep('com_bad', 'statement', bytes('lost'), 'text/plain')).rejects.toThrow(
      'SlowDown',
    );
    expect(road.sent).toHaveLength(8);
  });

  it('and a refusal for good is told at once, on reading too', async () => {
    const { archive, road } = open();
    road.next('PutObject', refusedWith('AccessDenied', 403));
    await expect(archive.keep('com_bad', 'statement', bytes('no'), 'text/plain')).rejects.toThrow(
      'AccessDenied',
    );
    road.next('GetObject', refusedWith('AccessDenied', 403));
    await expect(archive.read('com_bad', 'statement', sha('no'))).rejects.toThrow('AccessDenied');
    expect(road.sent).toHaveLength(2);
  });
});

it('a link gives the document as an attachment, and names the hour of its end', async () => {
  const { archive, client } = open();
  const sha256 = await archive.keep('com_link', 'statement', bytes('výpis'), 'application/xml');
  const document = { company: 'com_link', kind: 'statement', sha256, mediaType: 'application/xml' } as const;
  const url = new URL(await linkTo(client, BUCKET, { ...document, fileName: 'statement-1.xml' }));
  expect(url.searchParams.get('X-Amz-Expires')).toBe('60');
  expect(url.searchParams.get('response-content-disposition')).toBe('attachment; filename="statement-1.xml"');
  const answer = await fetch(url);
  expect(await answer.text()).toBe('výpis');
});
