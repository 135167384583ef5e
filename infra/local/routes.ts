import type { Route } from './stack.ts';

/** A route found for a request. */
export interface Match {
  readonly route: Route;
  /** Values of the path's parameters, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
}

interface Pattern {
  readonly route: Route;
  readonly method: string;
  readonly expression: RegExp;
  /** Per segment: 0 literal, 1 parameter, 2 greedy; `ANY` behind a method of its own. Less is tried first. */
  readonly rank: string;
}

/**
 * Finds routes as an API Gateway HTTP API does: the most specific one wins, `{name}` takes one segment, `{name+}` the
 * rest, `ANY` every method, `$default` what is left.
 * @returns finds the route of a method and a path as it stands in the request line
 * @throws URIError when the path is badly percent-encoded
 */
export function createRouter(routes: readonly Route[]): (method: string, path: string) => Match | null {
  const fallback = routes.find(({ routeKey }) => routeKey === '$default');
  const patterns = routes
    .filter((route) => route !== fallback)
    .map(patternOf)
    .sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0));

  return (method, path) => {
    for (const { route, method: wanted, expression } of patterns) {
      if (wanted !== 'ANY' && wanted !== method) continue;
      const found = expression.exec(path);
      if (!found) continue;
      const parameters = Object.entries(found.groups ?? {}).map(([name, value]) => [
        name,
        decodeURIComponent(value),
      ]);
      return { route, parameters: Object.fromEntries(parameters) as Record<string, string> };
    }
    return fallback ? { route: fallback, parameters: {} } : null;
  };
}

function patternOf(route: Route): Pattern {
  const [method = '', path = ''] = route.routeKey.split(' ');
  const segments = path.split('/').map((segment) => {
    const [, name, greedy] = /^\{([A-Za-z0-9_]+)(\+?)\}$/.exec(segment) ?? [];
    if (name === undefined) return { rank: '0', source: segment.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&') };
    return greedy ? { rank: '2', source: `(?<${name}>.+)` } : { rank: '1', source: `(?<${name}>[^/]+)` };
  });
  return {
    route,
    method,
    expression: new RegExp(`^${segments.map(({ source }) => source).join('/')}$`),
    rank: segments.map(({ rank }) => rank).join('') + (method === 'ANY' ? '1' : '0'),
  };
}
