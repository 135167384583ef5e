import type { Command } from '../command.ts';
import { findConnection } from '../find.ts';
import { facts } from '../text.ts';
import type { Credential, Proven } from '../types.ts';
import { accountTable } from './accounts.ts';

export const proof: Command = {
  name: 'proof',
  summary: 'Call the bank with the certificate; on success a paused connection is pulled again',
  args: 'CONNECTION',
  options: {
    'reactivated-on': {
      type: 'string',
      value: 'YYYY-MM-DD',
      help: 'day on which the certificate was reactivated in internet banking',
    },
  },
  takes: { least: 1, most: 1 },
  async run(context) {
    const client = context.client();
    const connection = await findConnection(client, context.args[0] ?? '');
    const body = { reactivatedOn: context.options.text('reactivated-on') };
    const proven = await client.call<Proven>('POST', `/connections/${connection.id}/proof`, { body });
    return {
      json: proven,
      text: `${facts(credentialFacts(proven.credential))}\n\nThe bank accepts it.\n\n${accountTable(proven.accounts)}`,
    };
  },
};

export function credentialFacts(credential: Credential): [string, string | null][] {
  return [
    ['Subject', credential.subject],
    ['Issuer', credential.issuer],
    ['Serial number', credential.serial],
    ['Valid', `${credential.notBefore.slice(0, 10)} to ${credential.notAfter.slice(0, 10)}`],
    ['Key', credential.keyType],
    ['Reactivate by', credential.reactivateBy],
    ['Warnings', credential.warnings.join('; ')],
  ];
}
