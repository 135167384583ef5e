import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

const SQLITE_BUSY = 5;

/**
 * Takes a lock that other processes see and that the operating system gives back when this one dies, however it dies:
 * an exclusive SQLite transaction on the file.
 * @returns the release, or `null` while another holder has it
 */
export function tryLock(file: string): (() => void) | null {
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return null;
    throw error;
  }
  return () => database.close();
}

/** Runs `work` while holding the lock of `file`, waiting for its turn. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  let release = tryLock(file);
  while (!release) {
    await sleep(50);
    release = tryLock(file);
  }
  try {
    return await work();
  } finally {
    release();
  }
}
