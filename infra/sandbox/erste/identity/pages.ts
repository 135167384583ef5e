/** The pages a user of the bank clicks through; plain HTML without scripts. */

export interface Choice {
  readonly iban: string;
  readonly name: string;
}

export function loginPage(users: readonly { readonly id: string; readonly name: string }[]): string {
  const options = users.map(({ id, name }) => `<option value="${escape(id)}">${escape(name)}</option>`);
  return page(
    'Log in',
    `<p>A simulated bank: choose who you are, there is no password.</p>
<form method="post"><label>User <select name="user">${options.join('')}</select></label>
<button type="submit" name="action" value="login">Log in</button>
<button type="submit" name="action" value="deny">Cancel</button></form>`,
  );
}

export function consentPage(
  application: string,
  scopes: readonly string[],
  accounts: readonly Choice[],
): string {
  const boxes = accounts.map(
    ({ iban, name }) =>
      `<li><label><input type="checkbox" name="account" value="${escape(iban)}" checked> ${escape(name)} ${escape(iban)}</label></li>`,
  );
  return page(
    'Consent',
    `<p>The application <b>${escape(application)}</b> asks for <b>${escape(scopes.join(', '))}</b>.</p>
<form method="post"><p>Accounts it may see:</p><ul>${boxes.join('')}</ul>
<button type="submit" name="action" value="allow">Allow</button>
<button type="submit" name="action" value="deny">Deny</button></form>`,
  );
}

export function errorPage(error: string, description: string): string {
  return page('Something is wrong', `<p>${escape(error)}: ${escape(description)}</p>`);
}

/** A whole page around its content, which is HTML. */
export function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title} – simulated Česká spořitelna</title></head>
<body><h1>${title}</h1>
${content}
</body></html>
`;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
/** Text as it may stand in HTML and its attributes. */
export const escape = (text: string): string => text.replace(/[&<>"]/g, (char) => ESCAPES[char] ?? char);
