import { formatMoney } from '../../../shared/domain/money.ts';
import { pragueDay } from '../prague.ts';
import type { Issue } from './issues.ts';
import { sum } from './ledger.ts';
import type { Language } from './source.ts';

const WORDS = {
  cs: { title: 'Vypis c.', account: 'Ucet', period: 'Obdobi', opening: 'Pocatecni zustatek', closing: 'Konecny zustatek' },
  en: { title: 'Statement no.', account: 'Account', period: 'Period', opening: 'Opening', closing: 'Closing' },
}; // prettier-ignore
const ROWS_PER_PAGE = 60;

/** A statement as a plain PDF 1.4 (ISO 32000 objects, one page per sixty rows), in Czech or English. */
export function toPdf(issue: Issue, language: Language): Uint8Array {
  const words = WORDS[language];
  const money = (minor: bigint): string =>
    `${formatMoney({ minor, currency: issue.currency })} ${issue.currency}`;
  const rows = [
    `${words.title} ${issue.number}${issue.correction === 0 ? '' : ` (${issue.correction + 1})`}`,
    `${words.account}: ${issue.iban}   ${words.period}: ${issue.from} - ${issue.to}`,
    `${words.opening}: ${money(issue.opening)}`,
    ...issue.movements.map((m) => `${pragueDay(m.bookedAt)}  ${m.reference}  ${money(m.minor)}`),
    `+/- ${money(sum(issue.movements))}`,
    `${words.closing}: ${money(issue.closing)}`,
  ];
  const pages: string[][] = [];
  for (let at = 0; at < rows.length; at += ROWS_PER_PAGE) pages.push(rows.slice(at, at + ROWS_PER_PAGE));
  return assemble(pages);
}

/** Objects: 1 catalogue, 2 page tree, 3 font, then a page and its content each. */
function assemble(pages: readonly (readonly string[])[]): Uint8Array {
  const kids = pages.map((_, index) => `${4 + index * 2} 0 R`).join(' ');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>',
    ...pages.flatMap((rows, index) => {
      const content = contentOf(rows);
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> ` +
          `/Contents ${5 + index * 2} 0 R >>`,
        `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
      ];
    }),
  ];
  let file = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  const trailer = `trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`;
  return Buffer.from(`${file}xref\n0 ${size}\n0000000000 65535 f \n${table}${trailer}`, 'ascii');
}

function contentOf(rows: readonly string[]): string {
  const shown = rows.map((row) => `(${row.replace(/[\\()]/g, '\\$&')}) Tj T*`).join('\n');
  return `BT /F1 9 Tf 12 TL 40 800 Td\n${shown}\nET`;
}
