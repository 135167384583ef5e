/** Characters of text on a line, the tag not counted. */
const WIDTH = 65;
/** A line must not begin like a field, the end of a message or a block. */
const RESERVED = /^[:\-{}]/;

/**
 * A field on as many lines as it needs. It is cut after at most 65 characters, a few earlier where a line would begin
 * like a field or where a space would stand at a line's edge. A line end inside the field stays one.
 */
export function wrap(field: string): string[] {
  const [first = '', ...others] = field.split('\n');
  const tag = first.indexOf(':', 1) + 1;
  return [...cut(first, tag), ...others];
}

function cut(field: string, tag: number): string[] {
  const lines: string[] = [];
  let at = 0;
  let width = tag + WIDTH;
  while (field.length - at > width) {
    const end = edge(field, at, at + width);
    lines.push(field.slice(at, end));
    at = end;
    width = WIDTH;
  }
  lines.push(field.slice(at));
  return lines;
}

function edge(field: string, start: number, latest: number): number {
  const mayBegin = (at: number): boolean => !RESERVED.test(field.charAt(at));
  const isTight = (at: number): boolean => field.charAt(at) !== ' ' && field.charAt(at - 1) !== ' ';
  for (let at = latest; at > latest - 20; at--) if (mayBegin(at) && isTight(at)) return at;
  for (let at = latest; at > start + 1; at--) if (mayBegin(at)) return at;
  return latest;
}
