import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';

/** The bank's reference as its page delivers it: API Blueprint, parsed (refract elements), with examples' schemas. */

const FILE = fileURLToPath(
  new URL('../../../shared/contracts/erste/premium-accounts-v3.apiary-reference.json', import.meta.url),
);

interface Element {
  readonly element: string;
  readonly meta?: { readonly id?: { readonly content: string } };
  readonly attributes?: { readonly typeAttributes?: readonly (string | { readonly content: string })[] };
  readonly content?: unknown;
}

interface Member {
  readonly key: { readonly content: string };
  readonly value: Element;
}

interface Reference {
  readonly dataStructures: readonly { readonly content: readonly [Element] }[];
  readonly resourceGroups: readonly {
    readonly resources: readonly {
      readonly uriTemplate: string;
      readonly actions: readonly {
        readonly method: string;
        readonly examples: readonly { readonly responses: readonly { readonly schema?: string }[] }[];
      }[];
    }[];
  }[];
}

export interface Apiary {
  /** The schema of an answer, as its resource has it: only the outline. */
  outline(method: string, uriTemplate: string): ValidateFunction;
  /** A named data structure of the reference, in depth: every member known, of its type, and there where required. */
  structure(name: string): ValidateFunction;
}

/** `null` where the reference is not beside the checkout. */
export function readApiary(): Apiary | null {
  if (!existsSync(FILE)) return null;
  const reference = JSON.parse(readFileSync(FILE, 'utf8')) as Reference;
  const ajv = new Ajv({ strict: false, allErrors: true });
  const named = new Map(
    reference.dataStructures.map(({ content: [one] }) => [one.meta?.id?.content ?? '', one] as const),
  );

  function schemaOf(element: Element): Record<string, unknown> {
    const members = Array.isArray(element.content) ? (element.content as Element[]) : [];
    switch (element.element) {
      case 'object':
        return objectOf(members.map((one) => one as Element & { content: Member }));
      case 'array':
        return { type: 'array', ...(members[0] ? { items: schemaOf(members[0]) } : {}) };
      case 'enum':
        return { enum: members.map(({ content }) => content) };
      case 'string':
      case 'number':
      case 'boolean':
        return { type: element.element };
      default: {
        const found = named.get(element.element);
        if (!found) throw new Error(`the reference has no structure ${element.element}`);
        return schemaOf(found);
      }
    }
  }

  function objectOf(members: readonly (Element & { readonly content: Member })[]): Record<string, unknown> {
    const isRequired = ({ attributes }: Element): boolean =>
      (attributes?.typeAttributes ?? []).some(
        (one) => (typeof one === 'string' ? one : one.content) === 'required',
      );
    return {
      type: 'object',
      properties: Object.fromEntries(
        members.map(({ content: { key, value } }) => [key.content, schemaOf(value)]),
      ),
      required: members.filter(isRequired).map(({ content: { key } }) => key.content),
      additionalProperties: false,
    };
  }

  return {
    outline: (method, uriTemplate) => {
      const actions = reference.resourceGroups
        .flatMap(({ resources }) => resources)
        .filter((resource) => resource.uriTemplate === uriTemplate)
        .flatMap((resource) => resource.actions)
        .filter((action) => action.method === method);
      const schema = actions
        .flatMap(({ examples }) => examples)
        .flatMap(({ responses }) => responses)
        .find((response) => response.schema)?.schema;
      if (!schema) throw new Error(`the reference has no schema for ${method} ${uriTemplate}`);
      const { $schema: _, ...rest } = JSON.parse(schema) as Record<string, unknown>;
      return ajv.compile(rest);
    },
    structure: (name) => {
      const found = named.get(name);
      if (!found) throw new Error(`the reference has no structure ${name}`);
      return ajv.compile(schemaOf(found));
    },
  };
}
