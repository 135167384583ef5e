import { archiveClient, createArchive, type Archive } from '../shared/store/archive.ts';
import { clock, random, setting } from './compose.ts';

/** The archive for functions that keep documents in it, locked for as long as the stage asks. */
export function openArchive(): Archive {
  const client = archiveClient();
  return createArchive(
    (command) => client.send(command as never),
    setting('ARCHIVE_BUCKET'),
    clock,
    random,
    Number(setting('ARCHIVE_LOCK_YEARS')),
  );
}
