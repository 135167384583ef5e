import { DatabaseSync } from 'node:sqlite';
import { exists } from './errors.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS secrets (
  name TEXT PRIMARY KEY, arn TEXT NOT NULL UNIQUE,
  created REAL NOT NULL, changed REAL NOT NULL, deletion REAL
) STRICT;
CREATE TABLE IF NOT EXISTS versions (
  name TEXT NOT NULL REFERENCES secrets ON DELETE CASCADE, id TEXT NOT NULL,
  string TEXT, binary TEXT, created REAL NOT NULL, PRIMARY KEY (name, id)
) STRICT;
CREATE TABLE IF NOT EXISTS labels (
  name TEXT NOT NULL, label TEXT NOT NULL, version TEXT NOT NULL, PRIMARY KEY (name, label),
  FOREIGN KEY (name, version) REFERENCES versions ON DELETE CASCADE
) STRICT;`;

/** Versions kept without a label; the service promises about a hundred. */
const MAX_UNLABELLED = 100;
const PRUNE = `
DELETE FROM versions WHERE name = ?1 AND id IN (
  SELECT id FROM versions v WHERE name = ?1
  AND NOT EXISTS (SELECT 1 FROM labels l WHERE l.name = v.name AND l.version = v.id)
  ORDER BY created DESC LIMIT -1 OFFSET ${MAX_UNLABELLED})`;

/** Instants are seconds since the epoch, as the service's JSON has them. */
export interface SecretRow {
  readonly name: string;
  readonly arn: string;
  readonly created: number;
  readonly changed: number;
  /** When its deletion was asked for; `null` = alive. */
  readonly deletion: number | null;
}

export interface Version {
  readonly id: string;
  readonly string: string | null;
  /** Base64. */
  readonly binary: string | null;
  readonly created: number;
}

export type SecretsStore = ReturnType<typeof openStore>;

/**
 * Secrets, their versions and the staging labels. A label belongs to one version at a time, and AWSPREVIOUS follows
 * wherever AWSCURRENT leaves.
 * @param file SQLite file, or `:memory:`
 */
export function openStore(file: string) {
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; ${SCHEMA}`);
  type Value = string | number | null;
  const one = <T>(sql: string, ...values: Value[]) => db.prepare(sql).get(...values) as T | undefined;
  const all = <T>(sql: string, ...values: Value[]) => db.prepare(sql).all(...values) as T[];
  const run = (sql: string, ...values: Value[]): void => void db.prepare(sql).run(...values);

  const version = (name: string, id: string) =>
    one<Version>('SELECT id, string, binary, created FROM versions WHERE name = ? AND id = ?', name, id);
  /** The version a label is attached to. */
  const labelled = (name: string, label: string) =>
    one<{ version: string }>('SELECT version FROM labels WHERE name = ? AND label = ?', name, label)?.version;

  function setLabel(name: string, label: string, id: string): void {
    const before = labelled(name, label);
    run('INSERT OR REPLACE INTO labels VALUES (?, ?, ?)', name, label, id);
    if (label === 'AWSCURRENT' && before !== undefined && before !== id) {
      setLabel(name, 'AWSPREVIOUS', before);
    }
  }

  return {
    version,
    labelled,
    setLabel,

    /** By name or full ARN. */
    find: (id: string) => one<SecretRow>('SELECT * FROM secrets WHERE name = ? OR arn = ?', id, id),

    list: (after: string) => all<SecretRow>('SELECT * FROM secrets WHERE name > ? ORDER BY name', after),

    add(name: string, arn: string, at: number): void {
      run('INSERT INTO secrets VALUES (?, ?, ?, ?, NULL)', name, arn, at, at);
    },

    /** Adds a version; the same id with the same value is a replay and changes nothing. */
    addVersion(name: string, added: Version, labels: readonly string[]): void {
      const known = version(name, added.id);
      if (known) {
        if (known.string === added.string && known.binary === added.binary) return;
        throw exists("You can't use a ClientRequestToken again with another secret value.");
      }
      run(
        'INSERT INTO versions VALUES (?, ?, ?, ?, ?)',
        name,
        added.id,
        added.string,
        added.binary,
        added.created,
      );
      for (const label of labels) setLabel(name, label, added.id);
      // The first version is the current one whatever labels were asked for.
      if (labelled(name, 'AWSCURRENT') === undefined) setLabel(name, 'AWSCURRENT', added.id);
      run('UPDATE secrets SET changed = ? WHERE name = ?', added.created, name);
      run(PRUNE, name);
    },

    removeLabel(name: string, label: string): void {
      run('DELETE FROM labels WHERE name = ? AND label = ?', name, label);
    },

    /** Labels by version id. */
    stages(name: string): Record<string, string[]> {
      const stages: Record<string, string[]> = {};
      for (const row of all<{ version: string; label: string }>(
        'SELECT * FROM labels WHERE name = ?',
        name,
      )) {
        (stages[row.version] ??= []).push(row.label);
      }
      return stages;
    },

    markDeleted(name: string, at: number | null): void {
      run('UPDATE secrets SET deletion = ? WHERE name = ?', at, name);
    },

    erase(name: string): void {
      run('DELETE FROM secrets WHERE name = ?', name);
    },

    /** All of `work` or nothing. */
    atomically<T>(work: () => T): T {
      db.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        db.exec('COMMIT');
        return result;
      } catch (error) {
        db.exec('ROLLBACK');
        throw error;
      }
    },

    close: () => db.close(),
  };
}
