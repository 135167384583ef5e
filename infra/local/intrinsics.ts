/** CloudFormation's intrinsic functions, as far as the template uses them. */

/** What names mean in one stack. Both throw for a name they do not know. */
export interface Scope {
  /** `Ref`: a pseudo-parameter or a resource; `undefined` is `AWS::NoValue`. */
  ref(name: string): string | undefined;
  /** `Fn::GetAtt`. */
  attribute(name: string, attribute: string): string;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The value with every intrinsic function replaced; properties that resolve to `AWS::NoValue` are gone.
 * @throws Error for an intrinsic function the runner does not know
 */
export function resolveValue(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value))
    return value.map((item) => resolveValue(item, scope)).filter((item) => item !== undefined);
  if (!isFields(value)) return value;
  const [[key, argument] = [], ...others] = Object.entries(value);
  if (key !== undefined && others.length === 0 && (key === 'Ref' || key.startsWith('Fn::'))) {
    return intrinsic(key, argument, scope);
  }
  const resolved = Object.entries(value).map(([name, item]) => [name, resolveValue(item, scope)] as const);
  return Object.fromEntries(resolved.filter(([, item]) => item !== undefined));
}

function intrinsic(name: string, argument: unknown, scope: Scope): unknown {
  switch (name) {
    case 'Ref':
      return scope.ref(String(argument));
    case 'Fn::GetAtt':
      return getAtt(argument, scope);
    case 'Fn::Sub':
      return substitute(argument, scope);
    case 'Fn::Join':
      return join(argument, scope);
    default:
      throw new Error(
        `The local runner does not know ${name}; write the template without it or add it to infra/local/intrinsics.ts.`,
      );
  }
}

function getAtt(argument: unknown, scope: Scope): string {
  const [name = '', ...rest] = Array.isArray(argument) ? argument.map(String) : String(argument).split('.');
  return scope.attribute(name, rest.join('.'));
}

function join(argument: unknown, scope: Scope): string {
  const [delimiter, items] = argument as [string, unknown];
  return (resolveValue(items, scope) as unknown[]).map(String).join(delimiter);
}

/** `${Name}`, `${Name.Attribute}`, own variables, and `${!literal}` for a literal. */
function substitute(argument: unknown, scope: Scope): string {
  const [text, variables] = (Array.isArray(argument) ? argument : [argument, {}]) as [string, Fields];
  return text.replaceAll(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (Object.hasOwn(variables, name)) return String(resolveValue(variables[name], scope));
    return name.includes('.') ? getAtt(name, scope) : (scope.ref(name) ?? '');
  });
}
