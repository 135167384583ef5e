import { spawn } from 'node:child_process';

/** Opens an address in the browser of this machine and leaves it to itself; where there is none, the address was printed. */
export function openBrowser(url: string): void {
  const program = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open';
  spawn(program, [url], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}
