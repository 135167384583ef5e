import fc, { type Arbitrary } from 'fast-check';
import { escapeXml } from '../../../shared/formats/xml-write.ts';
import type { XmlElement } from '../../../shared/formats/xml.ts';
import { messageOf } from './structure.ts';

/** Documents with one thing changed: an element gone, doubled, moved, renamed or strange, a text or an attribute. */

type Change = (siblings: readonly XmlElement[], at: number) => readonly XmlElement[];

const extra: XmlElement = { name: 'Extra', attributes: {}, text: 'x', children: [] };

const each =
  (change: (element: XmlElement) => XmlElement): Change =>
  (siblings, at) =>
    siblings.map((element, index) => (index === at ? change(element) : element));

const CHANGES: readonly Change[] = [
  (siblings, at) => siblings.toSpliced(at, 1),
  (siblings, at) => siblings.toSpliced(at, 0, ...siblings.slice(at, at + 1)),
  (siblings, at) => siblings.toSpliced(at, 2, ...siblings.slice(at, at + 2).reverse()),
  (siblings, at) => siblings.toSpliced(at, 0, extra),
  each((element) => ({ ...element, name: 'Extra' })),
  each((element) => ({ ...element, children: [...element.children, extra] })),
  each((element) => ({ ...element, attributes: {} })),
  each((element) => ({ ...element, attributes: { Ccy: 'Czk' } })),
  each((element) => ({ ...element, attributes: { ...element.attributes, extra: '1' } })),
];

/** Each is no text of some element. */
const TEXTS = [
  '',
  'x',
  '-1',
  '1.1234567',
  '0'.repeat(36),
  'x'.repeat(501),
  '2026-02-30',
  '2026-09-04T25:00:00',
  'CZ',
];

const change: Arbitrary<Change> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...CHANGES) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...TEXTS).map((text) => each((element) => ({ ...element, text }))),
  },
);

/** Mutants of a document below its root, as text. */
export function mutantsOf(document: Uint8Array): Arbitrary<string> {
  const root = messageOf(document);
  return fc
    .tuple(fc.constantFrom(...placesIn(root)), change)
    .map(([place, apply]) => serialised(changedAt(root, place, apply)));
}

/** Where elements stand: the ordinals of an element and of its parents, the outermost first. */
const placesIn = ({ children }: XmlElement): number[][] =>
  children.flatMap((child, at) => [[at], ...placesIn(child).map((place) => [at, ...place])]);

function changedAt(element: XmlElement, [at = 0, ...below]: readonly number[], apply: Change): XmlElement {
  const child = element.children[at];
  if (below.length === 0 || !child) return { ...element, children: apply(element.children, at) };
  return { ...element, children: element.children.with(at, changedAt(child, below, apply)) };
}

function serialised({ name, attributes, text, children }: XmlElement): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`);
  return `<${name}${given.join('')}>${escapeXml(text)}${children.map(serialised).join('')}</${name}>`;
}
