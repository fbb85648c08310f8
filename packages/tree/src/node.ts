import { isLeaf } from './leaf.js';
import { quotePath, TreeError } from './tree-error.js';

/** What a value is as part of a tree. */
export type Kind = 'leaf' | 'empty' | 'array' | 'object';

/** A container's children by name; an array's names are its indices. */
export type Container = Readonly<Record<string, unknown>> | readonly unknown[];

/** Deeper than any network; a tree that contains itself ends here, with an error. */
const maxDepth = 256;

/** Tells what a value is as part of a tree; throws a TreeError if it is nothing of the kind. */
export function kindOf(op: string, value: unknown, path: string): Kind {
  if (value === null || value === undefined) return 'empty';
  if (isLeaf(value)) return 'leaf';
  if (Array.isArray(value)) return 'array';
  if (isPlainObject(value)) {
    checkNames(op, value, path);
    return 'object';
  }
  throw new TreeError(op, [
    `${quotePath(path)} is ${describe(value)}; a tree holds tensors, numbers, booleans and strings in arrays and plain objects`,
  ]);
}

/** The names of a container's children, in insertion order. */
export function namesOf(container: Container): readonly string[] {
  return Array.isArray(container) ? Array.from(container, (_, i) => `${i}`) : Object.keys(container);
}

/** A child that is known to be there, by one of {@link namesOf}. */
export function childOf(container: Container, name: string): unknown {
  return (container as Readonly<Record<string, unknown>>)[name];
}

/** The path of a child: names joined by dots. */
export function childPath(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

/** Throws where a tree is too deep to be anything but one that contains itself. */
export function checkDepth(op: string, depth: number, path: string): void {
  if (depth <= maxDepth) return;
  const start = path.split('.').slice(0, 8).join('.');
  throw new TreeError(op, [`the tree is deeper than ${maxDepth} levels below '${start}…': does it contain itself?`]);
}

/** Builds a container of the same kind. */
export function rebuild(kind: Kind, names: readonly string[], children: readonly unknown[]): unknown {
  if (kind === 'array') return children;
  const result: Record<string, unknown> = {};
  for (const [i, name] of names.entries()) result[name] = children[i];
  return result;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  // The second test accepts plain objects of another realm, such as a frame or a worker's sandbox.
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf'));
}

function checkNames(op: string, value: Record<string, unknown>, path: string): void {
  for (const name of Object.keys(value)) checkName(op, name, path);
  if (Object.getOwnPropertySymbols(value).length > 0) {
    throw new TreeError(op, [`${quotePath(path)} has a symbol as a key; names must be strings`]);
  }
}

/** Refuses names that have no path, or would set a prototype. */
export function checkName(op: string, name: string, path: string): void {
  if (name === '') throw new TreeError(op, [`${quotePath(path)} has an empty name`]);
  if (name === '__proto__') throw new TreeError(op, [`${quotePath(path)} has the name '__proto__'`]);
}

function describe(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  const name: unknown = (value as object).constructor?.name;
  return typeof name === 'string' && name !== '' && name !== 'Object'
    ? `an instance of ${name}`
    : 'an object with a prototype';
}
