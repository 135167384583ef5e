/**
 * undici behind a module of ours, so that it can be loaded with the first request: a bundler gives a CommonJS package
 * imported on demand no names of its own, only a default.
 */
export { Agent } from 'undici';
