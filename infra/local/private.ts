import { mkdirSync, statSync } from 'node:fs';

/**
 * Makes the data folder, for its owner alone: certificates' keys lie in it. What this process writes from now on is
 * the owner's alone too.
 * @throws Error when others may look into a folder that is there already
 */
export function makePrivate(dataDir: string): void {
  process.umask(0o077);
  mkdirSync(dataDir, { recursive: true });
  // Windows has no such bits; a user's folder is private there by its place.
  if (process.platform === 'win32' || (statSync(dataDir).mode & 0o077) === 0) return;
  throw new Error(
    `Others on this machine may look into ${dataDir}, and certificates' keys would lie there. ` +
      `Run "chmod 700 ${dataDir}", or choose another folder with --data.`,
  );
}
