import { randomInt, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { describeIssues } from '../aws-json-operations';
import type { Expression } from './intrinsic-parser';
import { type Json, parseJson } from './json';
import { readPath, type Scope } from './json-path';
import { StatesError } from './states-error';

const MOST_RANGE_ITEMS = 1000;
const LONGEST_BASE64 = 10_000;

const text = z.string();
const list = z.array(z.json());
const object = z.record(z.string(), z.json());
/** AWS rounds numbers where it wants whole ones. */
const whole = z.number().transform((value) => Math.round(value));

const define =
  <Args>(schema: z.ZodType<Args>, run: (args: Args) => Json) =>
  (args: Json[]): Json => {
    const parsed = schema.safeParse(args);
    if (!parsed.success) throw new Error(describeIssues(parsed.error));
    return run(parsed.data);
  };

/** The intrinsic functions but States.Hash, whose text form of objects is not documented, and seeded MathRandom. */
const FUNCTIONS: Readonly<Record<string, (args: Json[]) => Json>> = {
  Array: (args) => args,
  ArrayContains: define(z.tuple([list, z.json()]), ([items, wanted]) =>
    items.some((item) => isDeepStrictEqual(item, wanted)),
  ),
  ArrayGetItem: define(z.tuple([list, whole]), ([items, index]) => {
    const item = items[index];
    if (item === undefined) throw new Error(`index ${index} is outside of the array`);
    return item;
  }),
  ArrayLength: define(z.tuple([list]), ([items]) => items.length),
  ArrayPartition: define(z.tuple([list, whole.pipe(z.number().positive())]), ([items, size]) =>
    Array.from({ length: Math.ceil(items.length / size) }, (_, chunk) =>
      items.slice(chunk * size, (chunk + 1) * size),
    ),
  ),
  ArrayRange: define(z.tuple([whole, whole, whole]), ([first, last, step]) => {
    if (step === 0) throw new Error('the step must not be 0');
    const length = Math.max(0, Math.floor((last - first) / step) + 1);
    if (length > MOST_RANGE_ITEMS) throw new Error(`a range has at most ${MOST_RANGE_ITEMS} items`);
    return Array.from({ length }, (_, index) => first + index * step);
  }),
  ArrayUnique: define(z.tuple([list]), ([items]) =>
    items.filter((item, at) => items.findIndex((other) => isDeepStrictEqual(other, item)) === at),
  ),
  Base64Decode: define(z.tuple([text.max(LONGEST_BASE64)]), ([encoded]) =>
    Buffer.from(encoded, 'base64').toString(),
  ),
  Base64Encode: define(z.tuple([text.max(LONGEST_BASE64)]), ([plain]) =>
    Buffer.from(plain).toString('base64'),
  ),
  Format: define(z.tuple([text], z.json()), ([template, ...values]) => format(template, values)),
  JsonMerge: define(
    z.tuple([object, object, z.literal(false, { error: 'only shallow merging (false) exists' })]),
    ([first, second]) => ({ ...first, ...second }),
  ),
  JsonToString: define(z.tuple([z.json()]), ([value]) => JSON.stringify(value)),
  MathAdd: define(z.tuple([whole, whole]), ([first, second]) => first + second),
  MathRandom: define(z.tuple([whole, whole]), ([start, end]) => randomInt(start, end)),
  StringSplit: define(z.tuple([text, text.min(1)]), ([value, delimiters]) => {
    const parts = [''];
    for (const character of value) {
      if (delimiters.includes(character)) parts.push('');
      else parts.push(`${parts.pop()}${character}`);
    }
    return parts.filter((part) => part !== '');
  }),
  StringToJson: define(z.tuple([text]), ([value]) => parseJson(value)),
  UUID: define(z.tuple([]), () => randomUUID()),
};

/** Throws for a function that does not exist or is not emulated, so that a definition with it is refused. */
export function checkFunctions(expression: Expression): void {
  if (expression.kind !== 'call') return;
  if (!Object.hasOwn(FUNCTIONS, expression.name)) {
    throw new Error(`the intrinsic function States.${expression.name} is not emulated locally`);
  }
  expression.args.forEach(checkFunctions);
}

/** The value of an expression; a call that fails is a States.IntrinsicFailure, a missing path a States.Runtime. */
export function evaluate(expression: Expression, scope: Scope, field: string): Json {
  switch (expression.kind) {
    case 'path':
      return readPath(expression.path, scope, field);
    case 'value':
      return expression.value;
    case 'text':
      return expression.escaped.replace(/\\(.)/gs, '$1');
    case 'call':
      return call(expression, scope, field);
  }
}

function call({ name, args }: Expression & { kind: 'call' }, scope: Scope, field: string): Json {
  const values = args.map((arg, index) =>
    // Only the escapes tell a template's literal braces from its placeholders.
    name === 'Format' && index === 0 && arg.kind === 'text' ? arg.escaped : evaluate(arg, scope, field),
  );
  try {
    const run = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (run === undefined) throw new Error('it is not emulated locally');
    return run(values);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StatesError(
      'States.IntrinsicFailure',
      `The function 'States.${name}' of the field '${field}' had the following error: ${reason}`,
    );
  }
}

function format(template: string, values: Json[]): string {
  const left = [...values];
  const result = template.replace(/\\(.)|\{\}/gs, (_, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped;
    const value = left.shift();
    if (value === undefined) throw new Error('it has more placeholders than values');
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
  if (left.length > 0) throw new Error('it has more values than placeholders');
  return result;
}
