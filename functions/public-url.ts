import { onLambda } from './compose.ts';

/**
 * This gateway's address as banks and browsers know it: set with the stack where it has a domain of its own, else the
 * one the request came to, which API Gateway vouches for.
 */
export function publicUrl({ domainName }: { readonly domainName: string }): string {
  const set = process.env['PUBLIC_URL'];
  if (set) return set;
  return `${onLambda ? 'https' : 'http'}://${domainName}`;
}
