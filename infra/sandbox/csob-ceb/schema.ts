import { MessageError, NAMESPACE, type Read } from './soap.ts';

/** Requests of the three operations, by their schemas: names, order, how often, and what their texts must be. */

interface Rule {
  readonly name: string;
  readonly least?: 0;
  readonly many?: true;
  readonly text?: RegExp;
  readonly children?: readonly Rule[];
}

const LONG = /^-?\d{1,19}$/;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/;
const GUID = /^.{36}$/s;
const HASH = /^.{64}$/s;
const FILENAME = /^.{1,250}$/s;
const SIZE = /^\d{1,10}$/;
const ANY = /^.*$/s;

const GUIDED: readonly Rule[] = [
  { name: 'ContractNumber', text: LONG },
  { name: 'ClientAppGuid', text: GUID },
];

const SCHEMAS: Readonly<Record<string, readonly Rule[]>> = {
  GetDownloadFileList_v4: [
    { name: 'ContractNumber', text: LONG },
    { name: 'PrevQueryTimestamp', least: 0, text: MOMENT },
    {
      name: 'Filter',
      least: 0,
      children: [
        { name: 'FileTypes', least: 0, children: [{ name: 'FileType', many: true, text: ANY }] },
        { name: 'FileFormats', least: 0, children: [{ name: 'FileFormat', many: true, text: ANY }] },
        { name: 'FileName', least: 0, text: ANY },
        { name: 'CreatedAfter', least: 0, text: MOMENT },
        { name: 'CreatedBefore', least: 0, text: MOMENT },
        { name: 'ClientAppGuid', least: 0, text: GUID },
      ],
    },
  ],
  StartUploadFileList_v3: [
    ...GUIDED,
    {
      name: 'FileList',
      children: [
        {
          name: 'ImportFileDetail',
          many: true,
          children: [
            { name: 'Filename', text: FILENAME },
            { name: 'Hash', text: HASH },
            { name: 'Size', text: SIZE },
            { name: 'Format', text: /^.{1,35}$/ },
            { name: 'Separator', least: 0, text: /^.{1,3}$/ },
            { name: 'Mode', text: /^.{1,35}$/ },
            { name: 'SkipCheckDuplicates', text: /^(true|false|0|1)?$/ },
          ],
        },
      ],
    },
  ],
  FinishUploadFileList_v2: [
    ...GUIDED,
    {
      name: 'FileList',
      children: [
        {
          name: 'FileId',
          many: true,
          children: [
            { name: 'Filename', text: FILENAME },
            { name: 'Hash', text: HASH },
            { name: 'NewFileId', text: /^(?=.{1,2048}$)[a-zA-Z0-9_%-]+={0,2}$/ },
          ],
        },
      ],
    },
  ],
};

export const OPERATIONS = Object.keys(SCHEMAS);

/** @throws MessageError for a message that does not follow its schema */
export function validate(operation: string, message: Read): void {
  const name = operation.replace('_v', 'Request_v');
  if (message.name !== name || message.namespace !== NAMESPACE + operation) {
    throw new MessageError(`The message is no ${name}.`);
  }
  follow(message, SCHEMAS[operation] ?? [], NAMESPACE + operation);
}

function follow(element: Read, rules: readonly Rule[], namespace: string): void {
  const left = [...element.children];
  if (element.text.trim() !== '') throw new MessageError(`Text in ${element.name}.`);
  for (const { name, least = 1, many = false, text, children } of rules) {
    let met = 0;
    while (left[0]?.name === name && (many || met === 0)) {
      const child = left.shift()!;
      met += 1;
      if (child.namespace !== namespace) throw new MessageError(`${name} is in another namespace.`);
      if (children) follow(child, children, namespace);
      else if (child.children.length > 0 || !text?.test(child.text))
        throw new MessageError(`${name} is wrong.`);
    }
    if (met < least) throw new MessageError(`${element.name} lacks ${name}.`);
  }
  if (left[0]) throw new MessageError(`${left[0].name} is out of place.`);
}

/** Text of the first child at a path; `null` when there is none. */
export function textIn(element: Read | undefined, ...path: readonly string[]): string | null {
  let current = element;
  for (const name of path) current = current?.children.find((child) => child.name === name);
  return current?.text ?? null;
}

/** Children of a name below a path's last element. */
export function allIn(element: Read, ...path: readonly string[]): Read[] {
  const [first = '', ...rest] = path;
  const found = element.children.filter(({ name }) => name === first);
  return rest.length === 0 ? found : found.flatMap((child) => allIn(child, ...rest));
}
