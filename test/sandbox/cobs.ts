import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Ajv, type ValidateFunction } from 'ajv';
import ajvFormats from 'ajv-formats';
import { parse } from 'yaml';

/** The Czech Open Banking Standard 8.0 in OpenAPI, as far as it speaks of single payments. */

const FILE = fileURLToPath(
  new URL('../../../shared/contracts/erste/cobs-aisp-pisp-v8.0.openapi.yaml.gz', import.meta.url),
);

/** A JSON schema with everything in it: the standard's file has no references. */
export interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  required?: string[];
  additionalProperties?: boolean;
}

interface Operation {
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content | null>>;
}

interface Content {
  readonly content?: { readonly 'application/json'?: { readonly schema?: Schema } };
}

export interface Cobs {
  /** @param change what the examples of the standard, or the bank, have otherwise than its schema */
  request(method: string, path: string, change?: (schema: Schema) => void): ValidateFunction;
  response(method: string, path: string, status: number, change?: (schema: Schema) => void): ValidateFunction;
}

/** `null` where the standard is not beside the checkout. Members no schema names are refused. */
export function readCobs(): Cobs | null {
  if (!existsSync(FILE)) return null;
  const paths = parse(payments(gunzipSync(readFileSync(FILE)).toString('utf8'))) as Record<
    string,
    Record<string, Operation>
  >;
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajvFormats.default(ajv);

  const compile = (
    what: string,
    content: Content | null | undefined,
    change: (schema: Schema) => void = () => undefined,
  ): ValidateFunction => {
    const schema = content?.content?.['application/json']?.schema;
    if (!schema) throw new Error(`the standard has no schema of ${what}`);
    const own = closed(structuredClone(schema));
    change(own);
    return ajv.compile(own);
  };
  return {
    request: (method, path, change) =>
      compile(`${method} ${path}`, paths[path]?.[method]?.requestBody, change),
    response: (method, path, status, change) =>
      compile(`${method} ${path} ${status}`, paths[path]?.[method]?.responses[status], change),
  };
}

/** The paths below `/my/payments` that are of single payments; the whole file takes a second to parse. */
function payments(yaml: string): string {
  const blocks = yaml.split(/^(?= {2}['"]?\/)/m);
  const wanted = /^ {2}['"]?\/my\/payments(\/\{paymentId\}[^:]*)?['"]?:/;
  return blocks.filter((block) => wanted.test(block)).join('');
}

function closed(schema: Schema): Schema {
  if (schema.properties) schema.additionalProperties = false;
  for (const child of [...Object.values(schema.properties ?? {}), schema.items, ...(schema.anyOf ?? [])])
    if (child) closed(child);
  // The parameters of a refusal are free.
  if (schema.properties?.['parameters']) delete schema.properties['parameters'].additionalProperties;
  return schema;
}
