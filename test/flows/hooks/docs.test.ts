import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROJECT_ROOT } from '../../../infra/local/template.ts';
import { czechIban, isValidIban } from '../../../shared/domain/account-number.ts';
import { newHook } from '../../../shared/api/routes/hooks.ts';
import { orderInput } from '../../../shared/api/routes/payments.ts';
import { mapOrder, scalarText } from '../../../shared/flows/hooks/map.ts';
import { valueAt } from '../../../shared/flows/hooks/pointer.ts';
import { parseJson } from '../../../shared/domain/json.ts';

// The examples of docs/hooks.md are what they say.

const document = readFileSync(join(PROJECT_ROOT, 'docs/hooks.md'), 'utf8');
const example = (name: string): string =>
  new RegExp(`<!-- example: ${name} -->\\s+\`\`\`json\\n([^]*?)\`\`\``).exec(document)![1]!;

describe.each(['erpnext', 'odoo'])('the example of %s', (erp) => {
  const hook = newHook.parse(JSON.parse(example(`${erp} hook`)));
  const message = parseJson(Buffer.from(example(`${erp} message`)));

  test('maps its message whole', () => {
    const { account, findings, payments, ...order } = mapOrder(message, hook.mapping);
    expect(findings).toEqual([]);
    expect(['1234567899/5500', czechIban({ prefix: '', number: '1234567899', bankCode: '5500' })]).toContain(
      account,
    );
    const { executionDate } = order;
    const input = orderInput.parse({ account: 'acc', executionDate, payments });
    expect(input).toMatchObject({
      executionDate: '2026-11-30',
      payments: [{ amount: '1250.50', currency: 'CZK', creditor: { name: 'Dodavatel s.r.o.' } }],
    });
    const { iban } = input.payments[0]!.creditor;
    if (iban !== undefined) expect(isValidIban(iban)).toBe(true);
    expect(scalarText(valueAt(message, hook.idempotencyKey!))).toMatch(/\w/);
  });
});
