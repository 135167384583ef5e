import { join } from 'node:path';
import { ESLint } from 'eslint';
import ts from 'typescript';

/**
 * The compiler's and the linter's findings from one look at the types: each by itself (`npm run typecheck`,
 * `npm run lint`) has to load and check the whole program, which is most of its work. `scripts/test.ts` runs this.
 */

const root = join(import.meta.dirname, '..');

const host: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => root,
  getNewLine: () => '\n',
};

function load(): ts.Program {
  const parsed = ts.getParsedCommandLineOfConfigFile(join(root, 'tsconfig.json'), undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
      throw new Error(ts.formatDiagnostic(diagnostic, host));
    },
  });
  if (!parsed) throw new Error('tsconfig.json could not be read');
  const { fileNames, options, errors } = parsed;
  return ts.createProgram({ rootNames: fileNames, options, configFileParsingDiagnostics: errors });
}

/** @returns what `tsc --noEmit` says; empty when all is well */
function types(program: ts.Program): string {
  return ts.formatDiagnostics(ts.sortAndDeduplicateDiagnostics(ts.getPreEmitDiagnostics(program)), host);
}

/** @returns what `eslint . --max-warnings 0` says; empty when all is well */
async function lint(program: ts.Program): Promise<string> {
  const parserOptions = { projectService: false, programs: [program] };
  const eslint = new ESLint({
    cwd: root,
    overrideConfig: [{ files: ['**/*.ts'], languageOptions: { parserOptions } }],
  });
  const formatter = await eslint.loadFormatter('stylish');
  return formatter.format(await eslint.lintFiles(['.']));
}

const program = load();
const findings = { types: types(program), linter: await lint(program) };
for (const [name, text] of Object.entries(findings))
  if (text !== '') console.log(`${name}:\n${text.trimEnd()}`);
process.exitCode = Object.values(findings).every((text) => text === '') ? 0 : 1;
