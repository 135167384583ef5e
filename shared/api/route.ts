import type * as z from 'zod/mini';
import type { Scope } from '../domain/records.ts';

/** One route as data: the handler validates by it and the OpenAPI document is made of it. */
export interface Route<
  Query extends z.ZodMiniType = z.ZodMiniType,
  Body extends z.ZodMiniType = z.ZodMiniType,
> {
  /** API Gateway's route key: method and path template. */
  readonly key: string;
  readonly summary: string;
  /** Scope the key needs; `null` for the few routes that need no key. */
  readonly scope: Scope | null;
  /** Without a schema the route takes no query at all. */
  readonly query?: Query;
  /** Without a schema the route takes no body at all. */
  readonly body?: Body;
  /**
   * Media types taken as they are, beside JSON: such a body is not parsed. The range of all types takes whatever
   * comes.
   */
  readonly files?: readonly string[];
  readonly status: number;
  /** Another status the route answers with, and when. */
  readonly also?: { readonly status: number; readonly description: string };
  /** Shape of the answer; `null` when it has no body, a media type when it is no JSON. */
  readonly response: z.ZodMiniType | string | null;
}

/** Keeps the types of the schemas while checking the shape. */
export function route<Query extends z.ZodMiniType = never, Body extends z.ZodMiniType = never>(
  declared: Route<Query, Body>,
): Route<Query, Body> {
  return declared;
}
