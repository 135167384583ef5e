import { formatMoney } from '../../../shared/domain/money.ts';
import { pragueTime } from '../prague.ts';
import type { Issue } from './issues.ts';
import { sum } from './ledger.ts';
import { absolute, type Movement, type Party } from './movement.ts';
import { BANK_CODE, BIC, domestic } from './numbers.ts';

/**
 * A statement as camt.053.001.02 the way this bank writes it: PRCD and CLBD both dated on the statement's day, CLAV
 * twice, symbols as `VS:`, `KS:`, `SS:` in one `Strd` each, local times without a zone, amounts without trailing
 * zeros, messages in `AddtlTxInf`.
 * @param bank another bank that writes the same
 */
export function toCamt053(issue: Issue, bank = { code: BANK_CODE, bic: BIC }): Uint8Array {
  const edition = issue.correction === 0 ? '' : ` (oprava ${issue.correction})`;
  const ordinal = String(Number(issue.number.split('/')[0]));
  const id = issue.period === 'daily' ? issue.to : `${issue.to.replaceAll('-', '')}-M`;
  const header = [
    tag('MsgId', `camt.053-${pragueTime(issue.createdAt).slice(0, 10)}-${ordinal}-${issue.correction}`),
    tag('CreDtTm', pragueTime(issue.createdAt)),
    element('MsgRcpt', [tag('Nm', issue.owner)]),
    tag('AddtlInf', `${issue.period === 'daily' ? 'Denní' : 'Měsíční'}${edition}`),
  ];
  const statement = [
    tag('Id', `${issue.iban}-${id}`),
    tag('ElctrncSeqNb', ordinal),
    tag('LglSeqNb', ordinal),
    tag('CreDtTm', pragueTime(issue.createdAt)),
    element('FrToDt', [tag('FrDtTm', `${issue.from}T00:00:00`), tag('ToDtTm', `${issue.to}T23:59:59`)]),
    accountOf(issue, bank),
    ...balancesOf(issue),
    summaryOf(issue),
    ...issue.movements.map((movement, index) => entryOf(movement, index + 1)),
  ];
  return Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>` +
      `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">` +
      element('BkToCstmrStmt', [element('GrpHdr', header), element('Stmt', statement)]) +
      '</Document>\n',
  );
}

function accountOf(issue: Issue, { code, bic }: { code: string; bic: string }): string {
  return element('Acct', [
    element('Id', [tag('IBAN', issue.iban)]),
    element('Tp', [tag('Cd', 'CACC')]),
    tag('Ccy', issue.currency),
    tag('Nm', issue.owner),
    element('Ownr', [tag('Nm', issue.owner)]),
    element('Svcr', [element('FinInstnId', [tag('BIC', bic), element('Othr', [tag('Id', code)])])]),
  ]);
}

function balancesOf(issue: Issue): string[] {
  const { opening, closing, creditLine } = issue;
  const balance = (code: string, minor: bigint, day: string): string =>
    element('Bal', [
      element('Tp', [element('CdOrPrtry', [tag('Cd', code)])]),
      ...signedAmount(minor, issue.currency),
      element('Dt', [tag('Dt', day)]),
    ]);
  return [
    balance('PRCD', opening, issue.from),
    balance('OPAV', creditLine, issue.from),
    balance('CLAV', opening + creditLine, issue.from),
    balance('CLBD', closing, issue.to),
    balance('XPCD', 0n, issue.to),
    balance('CLAV', closing + creditLine, issue.to),
  ];
}

function summaryOf(issue: Issue): string {
  const credits = issue.movements.filter(({ minor }) => minor >= 0n);
  const debits = issue.movements.filter(({ minor }) => minor < 0n);
  const turnover = (movements: readonly Movement[]): string[] => [
    tag('NbOfNtries', String(movements.length)),
    tag('Sum', amountText(absolute(sum(movements)), issue.currency)),
  ];
  const net = sum(issue.movements);
  return element('TxsSummry', [
    element('TtlNtries', [
      tag('NbOfNtries', String(issue.movements.length)),
      tag('Sum', amountText(sum(credits) - sum(debits), issue.currency)),
      tag('TtlNetNtryAmt', amountText(absolute(net), issue.currency)),
      tag('CdtDbtInd', indicator(net)),
    ]),
    element('TtlCdtNtries', turnover(credits)),
    element('TtlDbtNtries', turnover(debits)),
  ]);
}

function entryOf(movement: Movement, position: number): string {
  const booked = pragueTime(movement.bookedAt);
  return element('Ntry', [
    tag('NtryRef', movement.reference),
    ...signedAmount(movement.minor, movement.currency),
    movement.reversal ? tag('RvslInd', 'true') : '',
    tag('Sts', 'BOOK'),
    element('BookgDt', [tag('DtTm', booked)]),
    element('ValDt', [tag('DtTm', movement.valueDay === null ? booked : `${movement.valueDay}T00:00:00`)]),
    element('BkTxCd', [element('Prtry', [tag('Cd', movement.code)])]),
    element('NtryDtls', [element('TxDtls', detailsOf(movement, position))]),
  ]);
}

function detailsOf(movement: Movement, position: number): string[] {
  const { party, instructed } = movement;
  return [
    element('Refs', [
      tag('MsgId', String(position)),
      tag('AcctSvcrRef', movement.reference),
      optional('PmtInfId', movement.specific),
      optional('InstrId', movement.constant),
      optional('EndToEndId', movement.endToEnd),
    ]),
    instructed
      ? element('AmtDtls', [
          element('InstdAmt', [
            amount(instructed.minor, instructed.currency),
            element('CcyXchg', [
              tag('SrcCcy', instructed.currency),
              tag('TrgtCcy', movement.currency),
              tag('XchgRate', String(instructed.rate)),
            ]),
          ]),
        ])
      : '',
    party ? partiesOf(party, movement.minor >= 0n) : '',
    remittanceOf(movement),
    optional('AddtlTxInf', movement.message ?? movement.remittance),
  ];
}

function partiesOf(party: Party, incoming: boolean): string {
  const side = incoming ? 'Dbtr' : 'Cdtr';
  const account =
    party.iban !== null && party.number === null
      ? tag('IBAN', party.iban)
      : element('Othr', [
          tag('Id', domestic({ prefix: party.prefix, number: party.number ?? '', bankCode: '' })),
        ]);
  const agent = [
    optional('BIC', party.bic),
    party.bankCode === null ? '' : element('Othr', [tag('Id', party.bankCode)]),
  ].join('');
  return [
    element('RltdPties', [
      party.country === null
        ? ''
        : element(side, [optional('Nm', party.name), element('PstlAdr', [tag('Ctry', party.country)])]),
      element(`${side}Acct`, [element('Id', [account]), optional('Nm', party.name)]),
    ]),
    agent === '' ? '' : element('RltdAgts', [element(`${side}Agt`, [element('FinInstnId', [agent])])]),
  ].join('');
}

function remittanceOf({ variable, constant, specific }: Movement): string {
  const symbols = [
    ['VS', variable],
    ['SS', specific],
    ['KS', constant],
  ] as const;
  const written = symbols.flatMap(([name, value]) =>
    value === null ? [] : [element('Strd', [element('CdtrRefInf', [tag('Ref', `${name}:${value}`)])])],
  );
  return written.length === 0 ? '' : element('RmtInf', written);
}

function signedAmount(minor: bigint, currency: string): string[] {
  return [amount(absolute(minor), currency), tag('CdtDbtInd', indicator(minor))];
}

function amount(minor: bigint, currency: string): string {
  return `<Amt Ccy="${currency}">${amountText(minor, currency)}</Amt>`;
}

/** Decimal without trailing zeros: `629.2`, `7`. */
function amountText(minor: bigint, currency: string): string {
  const text = formatMoney({ minor, currency });
  return text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;
}

function indicator(minor: bigint): 'CRDT' | 'DBIT' {
  return minor < 0n ? 'DBIT' : 'CRDT';
}

function element(name: string, children: readonly string[]): string {
  return `<${name}>${children.join('')}</${name}>`;
}

function tag(name: string, text: string): string {
  return `<${name}>${escape(text)}</${name}>`;
}

function optional(name: string, text: string | null): string {
  return text === null ? '' : tag(name, text);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
