import { createHash } from 'node:crypto';
import { addDays, type PlainDate } from '../../../shared/domain/dates.ts';
import { pragueDateTime, pragueDay, pragueInstant } from '../prague.ts';
import type { SandboxClock } from '../types.ts';
import { rowOf } from './accounts.ts';
import { advicesOn, type Made } from './advice-files.ts';
import type { Books, CebStatement } from './books.ts';
import type { Imports } from './imports.ts';
import { ratesOn } from './rate-files.ts';
import { allIn, textIn } from './schema.ts';
import { element, tag, type Read } from './soap.ts';
import { COMPOSERS } from './statement-files.ts';

/** A file as the bank keeps it. */
export interface KeptFile {
  readonly name: string;
  readonly type: 'VYPIS' | 'AVIZO' | 'KURZY' | 'IMPPROT';
  readonly format: string | null;
  readonly createdAt: number;
  /** Instant from which it can be had; before, it is being prepared. */
  readonly readyAt: number;
  readonly hash: string | null;
  readonly bytes: Uint8Array;
}

/** Something wrong with the files of a name. */
export interface Flaw {
  /**
   * `failed`: status F; `preparing`: R for ever; `size`: another size is listed; `foreign-url`: an address elsewhere;
   * `garbled`: as many bytes of nothing.
   */
  readonly kind: 'failed' | 'preparing' | 'size' | 'foreign-url' | 'expired' | 'garbled';
  readonly matches: (file: Pick<KeptFile, 'name' | 'type' | 'format'>) => boolean;
}

export interface Listing {
  /** Content of `FileList` in the answer, `''` when nothing matches. */
  list(request: Read, host: string): string;
  /** The bytes behind a token; `gone` for a file out of its fifteen days, `null` for a token of nobody. */
  open(token: string): Uint8Array | 'gone' | null;
  flaw(flaw: Flaw | null): void;
}

const DAY = 86_400_000;
const MINUTE = 60_000;
const LISTED_DAYS = 45;
const KEPT_DAYS = 15;
/** A protocol is listed a minute behind the import and can be had two minutes later: ours, the bank does not tell. */
const PROTOCOL_LISTED = MINUTE;
const PROTOCOL_READY = 3 * MINUTE;
/** A statement is being prepared for so long. */
const PREPARING = 10 * MINUTE;
/** An advice, and rates, for so long. */
const QUICK = 2 * MINUTE;

export function openListing(books: Books, imports: Imports, clock: SandboxClock): Listing {
  const tokens = new Map<string, KeptFile>();
  const composed = new Map<string, KeptFile>();
  let flaw: Flaw | null = null;

  const isFlawed = (file: KeptFile, kind: Flaw['kind']): boolean => flaw?.kind === kind && flaw.matches(file);

  function statementFiles(): KeptFile[] {
    return books.accounts.flatMap((account) =>
      books
        .statements(account)
        .filter(({ createdAt }) => clock.now() - createdAt < LISTED_DAYS * DAY)
        .flatMap((statement) => Object.keys(COMPOSERS).map((format, at) => fileOf(statement, format, at))),
    );
  }

  /** A closed day changes no more, so its files are made once. */
  function fileOf(statement: CebStatement, format: string, slot: number): KeptFile {
    const { extension, compose } = COMPOSERS[format]!;
    const name = `${rowOf(statement.account)}_${statement.day.replaceAll('-', '')}_${statement.number}_DCZB.${extension}`;
    const found = composed.get(name);
    if (found) return found;
    const createdAt = statement.createdAt + slot * 1_700;
    const file: KeptFile = {
      name,
      type: 'VYPIS',
      format,
      createdAt,
      readyAt: createdAt + PREPARING,
      hash: null,
      bytes: compose(statement),
    };
    composed.set(name, file);
    return file;
  }

  /** Advices and rates are made as quickly as they are asked for, and once. */
  function quickFile(type: 'AVIZO' | 'KURZY', { name, createdAt, compose }: Made): KeptFile {
    const found = composed.get(name);
    if (found) return found;
    const format = type === 'AVIZO' ? 'MT942' : null;
    const readyAt = createdAt + QUICK;
    const file: KeptFile = { name, type, format, createdAt, readyAt, hash: null, bytes: compose() };
    composed.set(name, file);
    return file;
  }

  function quickFiles(type: 'AVIZO' | 'KURZY', makers: readonly ((day: PlainDate) => Made[])[]): KeptFile[] {
    const today = pragueDay(clock.now());
    return Array.from({ length: LISTED_DAYS + 1 }, (_, at) => addDays(today, at - LISTED_DAYS))
      .flatMap((day) => makers.flatMap((make) => make(day)))
      .filter(({ createdAt }) => createdAt <= clock.now() && clock.now() - createdAt < LISTED_DAYS * DAY)
      .map((made) => quickFile(type, made));
  }

  const adviceFiles = (): KeptFile[] =>
    quickFiles(
      'AVIZO',
      books.accounts.map((account) => (day) => advicesOn(account, day, books.movementsOf(account, day))),
    );

  function protocolFiles(guid: string | null): KeptFile[] {
    if (guid === null) return [];
    const own = imports.protocols(guid).map(({ number, hash, importedAt, protocol }): KeptFile => {
      const createdAt = importedAt + PROTOCOL_LISTED;
      const readyAt = importedAt + PROTOCOL_READY;
      const name = `improt_${pragueDay(createdAt).replaceAll('-', '')}_${number}.xml`;
      return { name, type: 'IMPPROT', format: null, createdAt, readyAt, hash, bytes: protocol };
    });
    return [...own, OLD_PROTOCOL(clock.now())].filter(({ createdAt }) => createdAt <= clock.now());
  }

  function detailOf(file: KeptFile, host: string): string {
    const failed = isFlawed(file, 'failed');
    const ready = !failed && file.readyAt <= clock.now() && !isFlawed(file, 'preparing');
    const size = file.bytes.length + (isFlawed(file, 'size') ? 1 : 0);
    return element(
      'FileDetail',
      ready ? tag('Url', addressOf(file, isFlawed(file, 'foreign-url') ? 'elsewhere.invalid' : host)) : '',
      tag('Filename', file.name),
      tag('Type', file.type),
      file.format === null ? '' : tag('Format', file.format),
      tag('CreationDateTime', pragueDateTime(file.createdAt)),
      tag('Size', String(size)),
      file.hash === null ? '' : tag('UploadFileHash', file.hash.padEnd(64)),
      tag('Status', failed ? 'F' : ready ? 'D' : 'R'),
    );
  }

  /** Tokens hold what is easily spoiled on the way: plus signs, slashes, a padding. */
  function addressOf(file: KeptFile, host: string): string {
    const digest = createHash('sha256').update(`${file.name}${tokens.size}`).digest('base64');
    const token = `EF+${digest}`;
    // A query as the bank reads it: a plus sign is a space, unless somebody escaped it on the way.
    tokens.set(token.replaceAll('+', ' '), file);
    return `https://${host}/ExtFileHubDown/v2/download?id=${token}`;
  }

  return {
    list(request, host) {
      const filter = request.children.find(({ name }) => name === 'Filter');
      const types = filter && allIn(filter, 'FileTypes', 'FileType').map(({ text }) => text.trim());
      const formats = filter && allIn(filter, 'FileFormats', 'FileFormat').map(({ text }) => text.trim());
      const name = textIn(filter, 'FileName');
      const after = momentIn(filter, 'CreatedAfter');
      const before = momentIn(filter, 'CreatedBefore');
      const since = momentIn(request, 'PrevQueryTimestamp') ?? clock.now() - LISTED_DAYS * DAY;
      const wants = (type: KeptFile['type']): boolean => !types || types.length === 0 || types.includes(type);
      const all = [
        ...(wants('VYPIS') ? statementFiles() : []),
        ...(wants('AVIZO') ? adviceFiles() : []),
        ...(wants('KURZY') ? quickFiles('KURZY', [ratesOn]) : []),
        ...(wants('IMPPROT') ? protocolFiles(textIn(filter, 'ClientAppGuid')) : []),
      ];
      const matching = all.filter(
        (file) =>
          // The manual: a filter by format means nothing to rates.
          (!formats ||
            formats.length === 0 ||
            file.type === 'KURZY' ||
            formats.includes(file.format ?? '')) &&
          (name === null || name === file.name) &&
          (after === null || file.createdAt >= after) &&
          (before === null || file.createdAt <= before) &&
          Math.max(file.createdAt, Math.min(file.readyAt, clock.now())) > since,
      );
      const content = matching.map((file) => detailOf(file, host));
      return content.length === 0 ? '' : element('FileList', ...content);
    },
    open(token) {
      const file = tokens.get(token);
      if (!file) return null;
      const gone = clock.now() - file.createdAt > KEPT_DAYS * DAY || isFlawed(file, 'expired');
      return gone ? 'gone' : isFlawed(file, 'garbled') ? Buffer.alloc(file.bytes.length, '#') : file.bytes;
    },
    flaw: (given) => void (flaw = given),
  };
}

function momentIn(element: Read | undefined, name: string): number | null {
  const text = textIn(element, name);
  return text === null ? null : Date.parse(text);
}

/** A protocol of the days of MD5: 32 digits filled up with spaces. */
const OLD_PROTOCOL = (now: number): KeptFile => {
  const createdAt = pragueInstant(addDays(pragueDay(now), -20), '09:00:00');
  const hash = createHash('md5').update('legacy').digest('hex');
  return {
    name: 'improt_legacy.xml',
    type: 'IMPPROT',
    format: null,
    createdAt,
    readyAt: createdAt,
    hash,
    bytes: Buffer.from('<Document/>'),
  };
};
