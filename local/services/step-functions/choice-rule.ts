import { isObject, type Json } from './json';
import { checkPath, findPath, readPath, type Scope } from './json-path';
import { runtimeError } from './states-error';

/** A compiled rule of a Choice state. */
export type Condition = (scope: Scope) => boolean;

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Milliseconds, or undefined when the value is not a timestamp as Amazon States Language wants it. */
export function timestampOf(value: Json): number | undefined {
  if (typeof value !== 'string' || !RFC3339.test(value)) return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : time;
}

/** What makes two operands comparable: values of another type than the comparator's compare as false. */
const OPERAND_TYPES: Readonly<Record<string, (value: Json) => string | number | undefined>> = {
  String: (value) => (typeof value === 'string' ? value : undefined),
  Numeric: (value) => (typeof value === 'number' ? value : undefined),
  Boolean: (value) => (typeof value === 'boolean' ? Number(value) : undefined),
  Timestamp: timestampOf,
};

const ORDERS: Readonly<Record<string, (a: string | number, b: string | number) => boolean>> = {
  Equals: (a, b) => a === b,
  LessThan: (a, b) => a < b,
  GreaterThan: (a, b) => a > b,
  LessThanEquals: (a, b) => a <= b,
  GreaterThanEquals: (a, b) => a >= b,
};

const TYPE_TESTS: Readonly<Record<string, (value: Json) => boolean>> = {
  IsNull: (value) => value === null,
  IsString: (value) => typeof value === 'string',
  IsNumeric: (value) => typeof value === 'number',
  IsBoolean: (value) => typeof value === 'boolean',
  IsTimestamp: (value) => timestampOf(value) !== undefined,
};

const COMPARISON = /^(String|Numeric|Boolean|Timestamp)((?:Less|Greater)Than(?:Equals)?|Equals)(Path)?$/;

/** Compiles one rule with its And, Or and Not. Throws an Error that names what Step Functions would not accept. */
export function compileRule(rule: Json): Condition {
  if (!isObject(rule)) throw new Error('a choice rule must be an object');
  const { Comment: _comment, Next: _next, Variable: variable, ...tests } = rule;
  const [test, ...others] = Object.entries(tests);
  if (test === undefined || others.length > 0) {
    throw new Error(`a choice rule needs exactly one comparison, not [${Object.keys(tests).join(', ')}]`);
  }
  const [comparator, operand] = test;
  if (comparator === 'Not') {
    const condition = compileRule(operand);
    return (scope) => !condition(scope);
  }
  if (comparator === 'And' || comparator === 'Or') {
    if (!Array.isArray(operand) || operand.length === 0)
      throw new Error(`${comparator} needs a list of rules`);
    const conditions = operand.map(compileRule);
    return comparator === 'And'
      ? (scope) => conditions.every((condition) => condition(scope))
      : (scope) => conditions.some((condition) => condition(scope));
  }
  if (typeof variable !== 'string') throw new Error(`${comparator} needs a Variable`);
  checkPath(variable);
  return compileTest(variable, comparator, operand);
}

function compileTest(variable: string, comparator: string, operand: Json): Condition {
  const valueIn = (scope: Scope): Json => {
    const value = findPath(variable, scope);
    if (value === undefined) {
      throw runtimeError(
        `Invalid path '${variable}': The choice state's condition path references an invalid value.`,
      );
    }
    return value;
  };
  if (comparator === 'IsPresent') {
    const wanted = flag(comparator, operand);
    return (scope) => (findPath(variable, scope) !== undefined) === wanted;
  }
  const typeTest = Object.hasOwn(TYPE_TESTS, comparator) ? TYPE_TESTS[comparator] : undefined;
  if (typeTest !== undefined) {
    const wanted = flag(comparator, operand);
    return (scope) => typeTest(valueIn(scope)) === wanted;
  }
  if (comparator === 'StringMatches') {
    if (typeof operand !== 'string') throw new Error('StringMatches needs a string');
    const pattern = wildcardPattern(operand);
    return (scope) => {
      const value = valueIn(scope);
      return typeof value === 'string' && pattern.test(value);
    };
  }
  return compileComparison(comparator, operand, valueIn);
}

function compileComparison(comparator: string, operand: Json, valueIn: (scope: Scope) => Json): Condition {
  const [, type = '', order = '', byPath] = COMPARISON.exec(comparator) ?? [];
  const comparable = OPERAND_TYPES[type];
  const compare = ORDERS[order];
  if (comparable === undefined || compare === undefined || (type === 'Boolean' && order !== 'Equals')) {
    throw new Error(`the comparator "${comparator}" does not exist`);
  }
  if (byPath !== undefined) {
    if (typeof operand !== 'string') throw new Error(`${comparator} needs a JSONPath`);
    checkPath(operand);
  } else if (comparable(operand) === undefined) {
    throw new Error(`${comparator} cannot compare with ${JSON.stringify(operand)}`);
  }
  const wantedIn = (scope: Scope): Json =>
    byPath !== undefined && typeof operand === 'string' ? readPath(operand, scope, comparator) : operand;
  return (scope) => {
    const value = comparable(valueIn(scope));
    const wanted = comparable(wantedIn(scope));
    return value !== undefined && wanted !== undefined && compare(value, wanted);
  };
}

function flag(comparator: string, operand: Json): boolean {
  if (typeof operand !== 'boolean') throw new Error(`${comparator} needs true or false`);
  return operand;
}

/** `*` stands for any characters, `\*` for itself. */
function wildcardPattern(pattern: string): RegExp {
  const source = pattern.replace(/\\([\s\S])|\*|[^\\*]+|\\/g, (part, escaped: string | undefined) =>
    part === '*' ? '[^]*' : (escaped ?? part).replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  );
  return new RegExp(`^${source}$`);
}
