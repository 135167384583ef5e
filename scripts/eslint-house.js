import { dirname, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The rules of the house as ESLint rules: who may import whom, which package belongs to which room, and that nothing
 * below `functions/` reads the clock, chance or the environment by itself. The tables below are the rules; the code
 * under them only looks things up.
 */

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Rooms a room may import besides itself. `infra`, `test` and `scripts` stand outside the house and may import all. */
const MAY_IMPORT = {
  functions: ['flows', 'banks', 'formats', 'store', 'http', 'api', 'domain'],
  flows: ['banks', 'formats', 'store', 'http', 'api', 'domain'],
  banks: ['formats', 'http', 'domain'],
  formats: ['domain'],
  store: ['domain'],
  http: ['domain'],
  api: ['domain'],
  domain: [],
};

/** What the rooms above may see of `shared/banks`: the contract and the catalog, never a bank's folder. */
const BANKS_FRONT = /^shared\/banks\/[^/]+\.ts$/;

/** Packages and built-in modules that belong to one place; everywhere else in the house they are refused. */
const RESERVED = [
  {
    modules: /^@(aws-sdk|smithy|aws)\//,
    home: /^shared\/store\//,
    says: 'AWS clients belong to shared/store',
  },
  {
    modules: /^(undici|node:(https?|http2|net|tls|dgram|dns|dns\/promises|inspector)|ws)$/,
    home: /^shared\/http\//,
    says: 'only shared/http opens connections',
  },
  {
    modules: /^node-forge$/,
    home: /^shared\/formats\/pkcs12\//,
    says: 'node-forge is for old PKCS#12 files, in shared/formats/pkcs12',
  },
  { modules: /^saxes$/, home: /^shared\/formats\//, says: 'XML is read in shared/formats' },
  {
    modules: /^node:(fs|fs\/promises|child_process|worker_threads|cluster|vm|os)$/,
    home: /^$/,
    says: 'a function has no disk, no processes and no machine of its own',
  },
  {
    modules: /^(?!node:)(fs|http|https|net|tls|crypto|process|timers)$/,
    home: /^$/,
    says: 'write it with node:',
  },
];

/** Modules whose whole point is what a port is for. */
const AMBIENT_MODULES = /^node:(process|timers|timers\/promises|perf_hooks)$/;
/** Exports of `node:crypto` that draw from chance. */
const RANDOM = /^(random|generateKey|generatePrime|webcrypto|getRandomValues)/;
const CHANCE = 'chance comes through the port Random';
const TIME = 'time comes through the port Clock';
/** Globals, and members of globals, that read the world. */
const AMBIENT = {
  process: { says: 'the environment is read in functions/ and handed in' },
  performance: { says: TIME },
  setTimeout: { says: TIME, home: /^shared\/http\// },
  setInterval: { says: TIME, home: /^shared\/http\// },
  setImmediate: { says: TIME },
  'Date.now': { says: TIME },
  'Math.random': { says: CHANCE },
  'crypto.getRandomValues': { says: CHANCE },
  'crypto.randomUUID': { says: CHANCE },
};
/** Globals that open connections; refused in functions/ too. */
const SOCKETS = new Set(['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest']);

const BANKS = ['raiffeisen', 'raiffeisenbank', 'csob', 'kb', 'erste', 'tbc', 'finapi'];
const BANK_WORD = new RegExp(`(?<![a-z0-9])(${BANKS.join('|')})(?![a-z0-9])`);
const BANK_NAME = /raiffeisen|csob|finapi|erste[A-Z]|^erste/i;

/** Path from the root with forward slashes, or null outside of it. */
function pathOf(file) {
  const path = relative(ROOT, file).split(sep).join('/');
  return path.startsWith('..') ? null : path;
}

/** The room a path lies in, or null outside the house. */
function roomOf(path) {
  const [top, room] = path.split('/');
  if (top === 'functions') return 'functions';
  return top === 'shared' && room in MAY_IMPORT ? room : null;
}

/** Calls `check(node, source)` for each import, static, lazy or re-exported. */
function onImports(check) {
  const visit = (node) => {
    if (typeof node.source?.value === 'string') check(node, node.source.value);
  };
  return {
    ImportDeclaration: visit,
    ImportExpression: visit,
    ExportNamedDeclaration: visit,
    ExportAllDeclaration: visit,
  };
}

/** A rule for files of the house; `create` gets the context, the file's path and its room. */
function houseRule(description, create) {
  return {
    meta: { type: 'problem', docs: { description }, schema: [], messages: { house: '{{says}}.' } },
    create(context) {
      const path = pathOf(context.filename);
      const room = path && roomOf(path);
      if (!room) return {};
      const report = (node, says) => context.report({ node, messageId: 'house', data: { says } });
      return create({ context, path, room, report });
    },
  };
}

const imports = houseRule('Imports run downwards only', ({ path, room, report }) =>
  onImports((node, source) => {
    if (!source.startsWith('.')) return;
    const target = posix.join(posix.dirname(path), source);
    const other = roomOf(target);
    if (other === null) return report(node, `the house imports nothing from ${target.split('/')[0]}/`);
    if (other === 'banks' && room !== 'banks' && !BANKS_FRONT.test(target)) {
      return report(node, `${room} know the bank contract and the catalog, never a bank's folder`);
    }
    if (other === 'banks' && room === 'banks' && !mayMeet(path, target, node)) {
      return report(
        node,
        'a bank imports its own folder and the contract; only catalog.ts and connectors.ts reach for banks, lazily',
      );
    }
    if (other !== room && !MAY_IMPORT[room].includes(other)) {
      report(node, `${room} may import ${['itself', ...MAY_IMPORT[room]].join(', ')}, not ${other}`);
    }
  }),
);

/** Within shared/banks: own folder and contract; the two lists alone name banks, and load them when they are asked. */
function mayMeet(path, target, node) {
  const folderOf = (file) => (file.split('/').length > 3 ? file.split('/')[2] : null);
  const folder = folderOf(target);
  if (folder === null || folder === folderOf(path)) return true;
  const isList = path === 'shared/banks/catalog.ts' || path === 'shared/banks/connectors.ts';
  return isList && node.type === 'ImportExpression';
}

const packages = houseRule('Packages stay in the room they belong to', ({ path, report }) =>
  onImports((node, source) => {
    const reserved = RESERVED.find(({ modules }) => modules.test(source));
    if (reserved && !reserved.home.test(path))
      report(node, `${source} does not belong here: ${reserved.says}`);
  }),
);

const ambient = houseRule(
  'Clock, chance, environment and network are ports',
  ({ context, path, room, report }) => {
    const { scopeManager } = context.sourceCode;
    const unresolved = new Set(scopeManager.globalScope.through.map(({ identifier }) => identifier));
    const isGlobal = (node) =>
      node.type === 'Identifier' && (unresolved.has(node) || context.sourceCode.isGlobalReference(node));
    const refuse = (node, name) => {
      const rule = room === 'functions' ? undefined : AMBIENT[name];
      if (rule && !rule.home?.test(path)) report(node, `${name} is not read here: ${rule.says}`);
    };
    return {
      ...onImports((node, source) => {
        if (room === 'functions') return;
        if (AMBIENT_MODULES.test(source)) report(node, `${source} is not read here: it comes through a port`);
        if (source !== 'node:crypto') return;
        for (const { imported } of node.specifiers ?? []) {
          if (!imported) report(node, 'import the functions of node:crypto by name');
          else if (RANDOM.test(imported.name)) report(node, `${imported.name} is not called here: ${CHANCE}`);
        }
      }),
      Identifier(node) {
        if (!isGlobal(node)) return;
        if (SOCKETS.has(node.name) && room !== 'http')
          report(node, `${node.name}: only shared/http opens connections`);
        refuse(node, node.name);
      },
      MemberExpression(node) {
        if (!isGlobal(node.object) || node.computed) return;
        if (node.object.name === 'globalThis') refuse(node, node.property.name);
        else refuse(node, `${node.object.name}.${node.property.name}`);
      },
      'NewExpression[callee.name="Date"][arguments.length=0], CallExpression[callee.name="Date"]'(node) {
        if (room !== 'functions' && isGlobal(node.callee))
          report(node, `the present is not read here: ${TIME}`);
      },
    };
  },
);

const bankNames = houseRule('Functions and flows name no bank', ({ room, report }) => {
  if (room !== 'functions' && room !== 'flows') return {};
  const says = (name) => `"${name}" names a bank: what differs by bank stands in its manifest`;
  const word = (node, text) => {
    const name = BANK_WORD.exec(text)?.[1];
    if (name) report(node, says(name));
  };
  return {
    Literal: (node) => typeof node.value === 'string' && word(node, node.value),
    TemplateElement: (node) => word(node, node.value.raw),
    Identifier: (node) => BANK_NAME.test(node.name) && report(node, says(node.name)),
  };
});

export default {
  meta: { name: 'house' },
  rules: { imports, packages, ambient, 'bank-names': bankNames },
};
