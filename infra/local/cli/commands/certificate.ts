import type { Command, Context } from '../command.ts';
import { EXIT, usageError } from '../exit.ts';
import { findConnection } from '../find.ts';
import { SECRET_OPTION, secretsIn } from '../secrets.ts';
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
    secret: SECRET_OPTION,
    'reactivated-on': {
      type: 'string',
      value: 'YYYY-MM-DD',
      help: 'day it was issued or last reactivated in internet banking, when the bank asks for that',
    },
  },
  takes: { least: 2, most: 2 },
  notes: `FILE is a PKCS#12 file (.p12, .pfx) or PEM. The passphrase comes from --passphrase-file, BRANA_PASSPHRASE or
a question, never from the command line, where others could see it. An empty one is given as BRANA_PASSPHRASE=
A certificate whose key was made by "brana certificate request" needs neither.

Example: brana certificate RB certificate.p12 --reactivated-on 2026-11-02`,
  async run(context) {
    const client = context.client();
    const [name = '', file = ''] = context.args;
    const connection = await findConnection(client, name);
    const body = {
      ...(await certificateIn(context, file, connection.requestedAt !== null)),
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

async function certificateIn(
  context: Context,
  file: string,
  requested: boolean,
): Promise<Record<string, string>> {
  const bytes = readInput(file, 'The certificate');
  const text = bytes.toString('latin1');
  if (!text.includes('-----BEGIN')) {
    return { pfx: bytes.toString('base64'), passphrase: await passphrase(context, 'certificate') };
  }
  const keyFile = context.options.text('key');
  const key = keyFile === undefined ? text : readInput(keyFile, '--key').toString('latin1');
  if (!key.includes('PRIVATE KEY-----')) {
    // Its key was made in the gateway: "brana certificate request".
    if (keyFile === undefined && requested) return { certificate: text };
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

export const requestCertificate: Command = {
  name: 'certificate request',
  summary: 'Make a certificate request (PKCS#10) for the bank to sign; its key never leaves the gateway',
  args: 'CONNECTION',
  options: {
    name: { type: 'string', value: 'NAME', help: 'common name of the subject, as the bank wants it' },
  },
  takes: { least: 1, most: 1 },
  notes: `The request is printed, ready for a file. Until its certificate is uploaded, further requests have the same key.

Example: brana certificate request CEB --name gateway.example.com > request.pem
Then:    brana certificate CEB certificate.pem`,
  async run(context) {
    const client = context.client();
    const connection = await findConnection(client, context.args[0] ?? '');
    const commonName = context.options.text('name');
    if (commonName === undefined) throw usageError('Give the common name: --name NAME');
    const path = `/connections/${connection.id}/certificate/request`;
    const made = await client.call<{ request: string; subject: string }>('POST', path, {
      body: { commonName },
    });
    context.progress(`Request for ${made.subject}. Let the bank sign it; its README tells where.`);
    return { json: made, text: made.request.trimEnd() };
  },
};
