import { checkPath } from './json-path';

/** An expression in a field whose name ends in `.$`. `text` keeps its escapes, as States.Format needs them. */
export type Expression =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: Expression[] }
  | { readonly kind: 'text'; readonly escaped: string }
  | { readonly kind: 'value'; readonly value: number | boolean | null };

const CALL = /States\.(\w+)\(/y;
const TEXT = /'((?:[^'\\]|\\.)*)'/y;
const VALUE = /(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?=[\s,)]|$)/y;
/** A path ends at a comma or parenthesis outside of its own brackets and quotes. */
const PATH = /\$(?:\[(?:'[^']*'|"[^"]*"|[^\]'"])*\]|[^\s,()[\]'"])*/y;
const SPACE = /\s*/y;

/** Parses a JSONPath or an intrinsic function call with its nested calls. Throws an Error that quotes the expression. */
export function parseExpression(source: string): Expression {
  let position = 0;
  const fail = (): never => {
    throw new Error(`"${source}" is not a JSONPath or an intrinsic function (at character ${position + 1})`);
  };
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const match = pattern.exec(source);
    if (match !== null) position = pattern.lastIndex;
    return match;
  };
  const parseArguments = (): Expression[] => {
    const args: Expression[] = [];
    take(SPACE);
    if (source[position] === ')') {
      position += 1;
      return args;
    }
    for (;;) {
      take(SPACE);
      args.push(parse());
      take(SPACE);
      const separator = source[position];
      position += 1;
      if (separator === ')') return args;
      if (separator !== ',') {
        position -= 1;
        fail();
      }
    }
  };
  const parse = (): Expression => {
    const call = take(CALL);
    if (call !== null) return { kind: 'call', name: call[1] ?? '', args: parseArguments() };
    const text = take(TEXT);
    if (text !== null) return { kind: 'text', escaped: text[1] ?? '' };
    const value = take(VALUE);
    if (value !== null) return { kind: 'value', value: JSON.parse(value[0]) };
    const path = take(PATH) ?? fail();
    checkPath(path[0]);
    return { kind: 'path', path: path[0] };
  };
  if (source.startsWith('$')) {
    checkPath(source);
    return { kind: 'path', path: source };
  }
  const expression = parse();
  if (expression.kind !== 'call' || position !== source.length) fail();
  return expression;
}
