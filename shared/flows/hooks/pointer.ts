/** JSON pointers (RFC 6901) into what {@link parseJson} read. */

/** Whether a text is a JSON pointer; the empty one is the whole document. */
export const isPointer = (text: string): boolean => /^(\/([^~/]|~[01])*)*$/.test(text);

/** The value at a pointer; `undefined` where there is none. */
export function valueAt(document: unknown, pointer: string): unknown {
  return pointer.split('/').slice(1).map(unescaped).reduce(member, document);
}

function member(value: unknown, name: string): unknown {
  if (Array.isArray(value))
    return /^(0|[1-9]\d{0,9})$/.test(name) ? (value[Number(name)] as unknown) : undefined;
  if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
  return value[name];
}

const unescaped = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

/** A number as {@link parseJson} keeps it is an object to JavaScript, and none to JSON. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && numberText(value) === null;

/** The text of a number as it stood in the message, `null` for what is no number. */
export function numberText(value: unknown): string | null {
  return isRawJSON(value) ? value.rawJSON : null;
}

// ECMAScript's "JSON.parse source text access"; not yet in TypeScript's library.
const { isRawJSON } = JSON as unknown as {
  isRawJSON(value: unknown): value is { readonly rawJSON: string };
};
