import type { Command, Context } from '../command.ts';
import { EXIT, usageError } from '../exit.ts';
import { findConnection } from '../find.ts';
import { readInput, readSecretFile } from '../settings.ts';
import { facts } from '../text.ts';
import type { Uploaded } from '../types.ts';
import { accountTable } from './accounts.ts';
import { credentialFacts } from './proof.ts';

export const certificate: Command = {
  name: 'certificate',
  summary: 'Upload the client certificate of a connection and prove it at the bank',
  args: 'CONNECTION FILE',
  options: {
    key: {
      type: 'string',
      value: 'FILE',
      help: 'PEM private key, when FILE is a PEM certificate without it',
    },
    'passphrase-file': { type: 'string', value: 'FILE', help: 'file that holds the passphrase' },
    secret: {
      type: 'string',
      multiple: true,
      value: 'NAME=FILE',
      help: "file that holds a secret field of the bank, by the name in 'brana banks'",
    },
    'reactivated-on': {
      type: 'string',
      value: 'YYYY-MM-DD',
      help: 'day it was issued or last reactivated in internet banking, when the bank asks for that',
    },
  },
  takes: { least: 2, most: 2 },
  notes: `FILE is a PKCS#12 file (.p12, .pfx) or PEM. The passphrase comes from --passphrase-file, BRANA_PASSPHRASE or
a question, never from the command line, where others could see it. An empty one is given as BRANA_PASSPHRASE=

Example: brana certificate RB certificate.p12 --reactivated-on 2026-11-02`,
  async run(context) {
    const client = context.client();
    const [name = '', file = ''] = context.args;
    const connection = await findConnection(client, name);
    const body = {
      ...(await certificateIn(context, file)),
      secrets: secretsIn(context),
      reactivatedOn: context.options.text('reactivated-on'),
    };
    context.progress('Uploading; the gateway proves it at the bank …');
    const uploaded = await client.call<Uploaded>('PUT', `/connections/${connection.id}/certificate`, {
      body,
    });
    return {
      json: uploaded,
      text: textOf(uploaded, connection.code),
      exit: uploaded.proven ? EXIT.ok : EXIT.off,
    };
  },
};

function textOf({ credential, proven, reason, accounts }: Uploaded, code: string): string {
  const state = proven
    ? `The bank accepts it.\n\n${accountTable(accounts)}\n\nNext: brana pull --all --wait`
    : `Kept, but not proven yet: ${reason}\nThen: brana proof ${code}`;
  return `${facts(credentialFacts(credential))}\n\n${state}`;
}

async function certificateIn(context: Context, file: string): Promise<Record<string, string>> {
  const bytes = readInput(file, 'The certificate');
  const text = bytes.toString('latin1');
  if (!text.includes('-----BEGIN')) {
    return { pfx: bytes.toString('base64'), passphrase: await passphrase(context, 'certificate') };
  }
  const keyFile = context.options.text('key');
  const key = keyFile === undefined ? text : readInput(keyFile, '--key').toString('latin1');
  if (!key.includes('PRIVATE KEY-----')) {
    throw usageError(
      `There is no private key in ${keyFile ?? file}. Give the file that holds it: --key FILE`,
    );
  }
  const sealed = /-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(key);
  return {
    certificate: text,
    key,
    ...(sealed ? { passphrase: await passphrase(context, 'private key') } : {}),
  };
}

async function passphrase({ options, terminal }: Context, what: string): Promise<string> {
  const file = options.text('passphrase-file');
  if (file !== undefined) return readSecretFile(file, '--passphrase-file');
  return (
    terminal.env['BRANA_PASSPHRASE'] ??
    terminal.askSecret(`Passphrase of the ${what}: `, 'give --passphrase-file FILE, or set BRANA_PASSPHRASE')
  );
}

function secretsIn({ options }: Context): Record<string, string> {
  return Object.fromEntries(
    options.list('secret').map((pair) => {
      const [, name, file] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
      if (name === undefined || file === undefined) throw usageError('--secret wants NAME=FILE');
      return [name, readSecretFile(file, '--secret')];
    }),
  );
}
