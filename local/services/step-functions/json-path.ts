import { JSONPath } from 'jsonpath-plus';
import { isObject, type Json, type JsonObject } from './json';
import { runtimeError, StatesError } from './states-error';

/** What the paths of one state can reach: `$` and, as `$$`, the context object. */
export interface Scope {
  readonly input: Json;
  readonly context: JsonObject;
}

/** The library's own operators, which Step Functions does not know: parent, property name, types, scripts. */
const FOREIGN_SEGMENT = /^[\^~]+$|^@\w+\(\)$|^`|^\(/;
/** The library takes these characters for operators in a quoted field name too. */
const QUOTED_OPERATOR = /\['[^']*[,^~`][^']*'\]|\["[^"]*[,^~`][^"]*"\]/;
/** Wildcard, descent, filter, slice and union: such a path answers a list, an empty one included. */
const INDEFINITE_SEGMENT = /^\*$|^\.\.$|^\?\(|^-?\d*:-?\d*(:\d+)?$|^-?\d+(,-?\d+)+$/;
const REFERENCE_SEGMENT = /\.([^.[\]'"]+)|\['([^']+)'\]|\["([^"]+)"\]|\[(\d+)\]/y;

/** Throws when Step Functions would not accept the path. */
export function checkPath(path: string): void {
  if (!/^\$\$?($|[.[])/.test(path)) {
    throw new Error(
      `"${path}" is not a JSONPath of the input ($) or the context ($$); variables are not emulated`,
    );
  }
  const unquotable = QUOTED_OPERATOR.exec(path);
  if (unquotable !== null)
    throw new Error(`"${path}": the field name ${unquotable[0]} is not emulated locally`);
  const foreign = JSONPath.toPathArray(path).find((segment) => FOREIGN_SEGMENT.test(segment));
  if (foreign !== undefined) throw new Error(`"${path}": Step Functions does not know "${foreign}"`);
}

/** What the path finds, or undefined. A path that may match several places answers a list of its matches. */
export function findPath(path: string, scope: Scope): Json | undefined {
  checkPath(path);
  const ofContext = path.startsWith('$$');
  const document = ofContext ? scope.context : scope.input;
  const query = ofContext ? path.slice(1) : path;
  if (query === '$') return document;
  // The library answers nothing for falsy documents, and reads properties of strings.
  if (typeof document !== 'object' || document === null) return undefined;
  const matches = JSONPath<Json[]>({
    path: query,
    json: document,
    wrap: true,
    eval: 'safe',
    // A filter that reaches into a missing field does not match, which is no error.
    ignoreEvalErrors: true,
  });
  const indefinite = JSONPath.toPathArray(query).some((segment) => INDEFINITE_SEGMENT.test(segment));
  return indefinite ? matches : matches[0];
}

/** What the path finds; finding nothing is a runtime error that names the field with the path. */
export function readPath(path: string, scope: Scope, field: string): Json {
  const found = findPath(path, scope);
  if (found !== undefined) return found;
  throw runtimeError(
    `The JSONPath '${path}' specified for the field '${field}' could not be found in the input '${JSON.stringify(
      path.startsWith('$$') ? scope.context : scope.input,
    )}'`,
  );
}

/** The steps of a reference path, one that names a single place: field names and array positions. */
export function referencePath(path: string): (string | number)[] {
  const steps: (string | number)[] = [];
  let end = 1;
  while (end < path.length) {
    REFERENCE_SEGMENT.lastIndex = end;
    const match = REFERENCE_SEGMENT.exec(path);
    if (match === null) break;
    const [, plain, single, double, index] = match;
    steps.push(index === undefined ? (plain ?? single ?? double ?? '') : Number(index));
    end = REFERENCE_SEGMENT.lastIndex;
  }
  if (!path.startsWith('$') || path.startsWith('$$') || end !== path.length) {
    throw new Error(`"${path}" is not a reference path: it must name one place of the input`);
  }
  return steps;
}

/** A copy of the document with the value put where the reference path says. */
export function assignPath(path: string, document: Json, value: Json): Json {
  const mismatch = () =>
    new StatesError(
      'States.ResultPathMatchFailure',
      `Unable to apply ResultPath '${path}' to the input '${JSON.stringify(document)}'`,
    );
  const place = (target: Json | undefined, [step, ...rest]: (string | number)[]): Json => {
    if (step === undefined) return value;
    if (typeof step === 'number') {
      if (!Array.isArray(target) || step >= target.length) throw mismatch();
      return target.with(step, place(target[step], rest));
    }
    if (target !== undefined && !isObject(target)) throw mismatch();
    const current = target && Object.hasOwn(target, step) ? target[step] : undefined;
    return { ...target, [step]: place(current, rest) };
  };
  return place(document, referencePath(path));
}
