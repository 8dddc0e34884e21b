import { setImmediate } from 'node:timers/promises';
import { AwsError } from '../../local/aws';
import { FunctionError } from '../../local/services/function-error';
import type { Clock } from '../../local/services/step-functions/clock';
import { parseDefinition } from '../../local/services/step-functions/definition';
import { Interpreter, type StateVisit } from '../../local/services/step-functions/interpreter';
import type { Json } from '../../local/services/step-functions/json';
import { StatesError } from '../../local/services/step-functions/states-error';
import { runTask } from '../../local/services/step-functions/task-integrations';

const NOW = Date.parse('2030-01-01T00:00:00Z');
const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
const CONTEXT = {
  Execution: { Id: 'arn:execution', Name: 'run-1', Input: { order: 'o-1' } },
  StateMachine: { Id: 'arn:machine', Name: 'delivery' },
};

type Functions = Record<string, (payload: unknown) => unknown>;

interface Run {
  output?: Json;
  error?: { Error: string; Cause: string };
  /** Milliseconds of every wait that came to its end. */
  waits: number[];
  visits: StateVisit[];
  sent: unknown[];
}

/** A clock on which every wait is over at once, but for a wait without end. */
function instantClock(waits: number[]): Clock {
  let now = NOW;
  return {
    now: () => now,
    async wait(milliseconds, signal) {
      if (milliseconds === Number.POSITIVE_INFINITY) {
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      }
      await setImmediate();
      signal.throwIfAborted();
      waits.push(milliseconds);
      now += milliseconds;
    },
  };
}

async function run(
  definition: object,
  input: Json = {},
  functions: Functions = {},
  random = 0.5,
): Promise<Run> {
  const result: Run = { waits: [], visits: [], sent: [] };
  const integrations = {
    invokeFunction: async (arn: string, payload: unknown) => {
      const name = arn.split(':')[6] ?? '';
      const answer = functions[name];
      if (answer === undefined)
        throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, 404);
      return answer(payload);
    },
    sendMessage: async (queueUrl: string, body: string, options: object) => {
      if (queueUrl.includes('missing')) throw new AwsError('QueueDoesNotExist', 'no such queue');
      result.sent.push({ queueUrl, body, options });
      return { MessageId: 'm-1', MD5OfMessageBody: 'md5' };
    },
  };
  const interpreter = new Interpreter({
    runTask: (resource, argument) => runTask(integrations, resource, argument),
    clock: instantClock(result.waits),
    random: () => random,
    visited: (visit) => result.visits.push(visit),
  });
  const frame = { context: CONTEXT, signal: new AbortController().signal, within: '' };
  try {
    result.output = await interpreter.run(parseDefinition(JSON.stringify(definition)), input, frame);
  } catch (error) {
    if (!(error instanceof StatesError)) throw error;
    result.error = error.output;
  }
  return result;
}

/** A machine of one state. */
const only = (state: object) => ({ StartAt: 'Only', States: { Only: { End: true, ...state } } });
const call = (name: string, more: object = {}) =>
  only({ Type: 'Task', Resource: functionArn(name), ...more });
const evaluated = async (expression: string, input: Json = {}) => {
  const { output, error } = await run(only({ Type: 'Pass', Parameters: { 'value.$': expression } }), input);
  return error ?? output;
};

describe('input and output of a state', () => {
  const order = {
    order: {
      id: 'o-1',
      lines: [
        { sku: 'a', n: 1 },
        { sku: 'b', n: 3 },
      ],
    },
    note: null,
  };
  const cases: [string, object, Json, Json][] = [
    ['a Pass hands its input on', { Type: 'Pass' }, order, order],
    ['a Result replaces the input', { Type: 'Pass', Result: 0 }, order, 0],
    ['InputPath selects', { Type: 'Pass', InputPath: '$.order.id' }, order, 'o-1'],
    ['InputPath null selects nothing', { Type: 'Pass', InputPath: null }, order, {}],
    ['OutputPath null hands nothing on', { Type: 'Pass', OutputPath: null }, order, {}],
    ['a null value is a value', { Type: 'Pass', InputPath: '$.note' }, order, null],
    ['a wildcard answers a list', { Type: 'Pass', InputPath: '$.order.lines[*].sku' }, order, ['a', 'b']],
    [
      'a filter answers a list of what matches',
      { Type: 'Pass', InputPath: '$.order.lines[?(@.n > 1)]' },
      order,
      [{ sku: 'b', n: 3 }],
    ],
    [
      'a filter that matches nothing answers an empty list',
      { Type: 'Pass', InputPath: '$.order.lines[?(@.gone.deep == 1)]' },
      order,
      [],
    ],
    ['a slice answers a list', { Type: 'Pass', InputPath: '$.order.lines[-1:].n' }, order, [3]],
    ['a descent answers a list', { Type: 'Pass', InputPath: '$..sku' }, order, ['a', 'b']],
    ['a field in brackets', { Type: 'Pass', InputPath: "$['order']['id']" }, order, 'o-1'],
    [
      'Parameters mix fixed and selected values',
      {
        Type: 'Pass',
        Parameters: {
          fixed: '$.order',
          nested: [{ 'first.$': '$.order.lines[0].sku' }],
          'execution.$': '$$.Execution.Name',
          'state.$': '$$.State.Name',
        },
      },
      order,
      { fixed: '$.order', nested: [{ first: 'a' }], execution: 'run-1', state: 'Only' },
    ],
    ['ResultPath null keeps the input', { Type: 'Pass', Result: 1, ResultPath: null }, { a: 1 }, { a: 1 }],
    [
      'ResultPath adds to the raw input, whatever InputPath selected',
      { Type: 'Pass', InputPath: '$.a', ResultPath: '$.b.c' },
      { a: 1 },
      { a: 1, b: { c: 1 } },
    ],
    [
      'ResultPath replaces an item of a list',
      { Type: 'Pass', Result: 9, ResultPath: '$.list[1]' },
      { list: [1, 2] },
      { list: [1, 9] },
    ],
    [
      'OutputPath selects last',
      { Type: 'Pass', Result: 1, ResultPath: '$.b', OutputPath: '$.b' },
      { a: 1 },
      1,
    ],
    ['the context object is read by $$', { Type: 'Pass', InputPath: '$$.Execution.Input.order' }, {}, 'o-1'],
  ];
  it.each(cases)('%s', async (_, state, input, expected) => {
    expect(await run(only(state), input)).toMatchObject({ output: expected });
  });

  it('a path that finds nothing ends the execution with States.Runtime, which no Catch takes', async () => {
    const { error } = await run({
      StartAt: 'Only',
      States: {
        Only: {
          Type: 'Task',
          Resource: functionArn('f'),
          Parameters: { 'id.$': '$.gone' },
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Rescue' }],
          End: true,
        },
        Rescue: { Type: 'Succeed' },
      },
    });
    expect(error).toEqual({
      Error: 'States.Runtime',
      Cause: "The JSONPath '$.gone' specified for the field 'id.$' could not be found in the input '{}'",
    });
  });

  it('a ResultPath that does not fit the input is a States.ResultPathMatchFailure', async () => {
    const { error } = await run(only({ Type: 'Pass', Result: 1, ResultPath: '$.a.b' }), { a: 'text' });
    expect(error?.Error).toBe('States.ResultPathMatchFailure');
  });

  it('an output over 256 KiB ends the execution with States.DataLimitExceeded', async () => {
    const { error } = await run(call('big'), {}, { big: () => 'x'.repeat(300_000) });
    expect(error?.Error).toBe('States.DataLimitExceeded');
  });
});

describe('intrinsic functions', () => {
  const cases: [string, Json, Json][] = [
    ["States.Format('Order {} of {}', $.id, 7)", { id: 'o-1' }, 'Order o-1 of 7'],
    ["States.Format('\\{{}\\} it\\'s', $.id)", { id: 'x' }, "{x} it's"],
    ["States.Format('{}', $.list)", { list: [1] }, '[1]'],
    ['States.StringToJson(\'{"a":1}\')', {}, { a: 1 }],
    ['States.JsonToString($)', { a: [1] }, '{"a":[1]}'],
    ["States.Array('a,b', 1, null, true, $.x)", { x: {} }, ['a,b', 1, null, true, {}]],
    ['States.Array()', {}, []],
    ['States.ArrayPartition($.l, 2)', { l: [1, 2, 3] }, [[1, 2], [3]]],
    ['States.ArrayContains($.l, $.v)', { l: [{ a: 1 }], v: { a: 1 } }, true],
    ['States.ArrayRange(1, 9, 4)', {}, [1, 5, 9]],
    ['States.ArrayRange(3, 1, -1)', {}, [3, 2, 1]],
    ['States.ArrayGetItem($.l, 1)', { l: ['a', 'b'] }, 'b'],
    ['States.ArrayLength($.l[?(@.n > 1)])', { l: [{ n: 1 }, { n: 2 }] }, 1],
    ['States.ArrayUnique($.l)', { l: [1, 1, { a: 1 }, { a: 1 }] }, [1, { a: 1 }]],
    ["States.Base64Encode('key')", {}, 'a2V5'],
    ["States.Base64Decode('a2V5')", {}, 'key'],
    [
      'States.JsonMerge($.a, $.b, false)',
      { a: { x: 1, y: { p: 1 } }, b: { y: { q: 2 } } },
      { x: 1, y: { q: 2 } },
    ],
    ['States.MathAdd($.n, -1)', { n: 111 }, 110],
    ['States.MathRandom(5, 6)', {}, 5],
    ["States.StringSplit('a.b+c..d', '.+')", {}, ['a', 'b', 'c', 'd']],
    ["States.Format('{}', States.ArrayGetItem(States.StringSplit($['a)b'], ')'), 0))", { 'a)b': '1)2' }, '1'],
    ['States.UUID()', {}, expect.stringMatching(/^[0-9a-f-]{36}$/)],
  ];
  it.each(cases)('%s', async (expression, input, value) => {
    expect(await evaluated(expression, input)).toEqual({ value });
  });

  it.each([
    ['States.ArrayGetItem($.l, 5)', { l: [] }],
    ["States.StringToJson('{')", {}],
    ['States.ArrayPartition($.l, 0)', { l: [1] }],
    ["States.MathAdd('1', 2)", {}],
    ["States.Format('{} {}', 1)", {}],
    ['States.ArrayRange(1, 5000, 1)', {}],
    ['States.JsonMerge($, $, true)', {}],
  ])('%s fails with States.IntrinsicFailure', async (expression, input) => {
    expect(await evaluated(expression, input)).toMatchObject({ Error: 'States.IntrinsicFailure' });
  });
});

describe('Choice', () => {
  const matches = async (rule: object, input: Json) => {
    const { output, error } = await run(
      {
        StartAt: 'Choose',
        States: {
          Choose: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
          Yes: { Type: 'Pass', Result: true, End: true },
          No: { Type: 'Pass', Result: false, End: true },
        },
      },
      input,
    );
    return error?.Error ?? output;
  };
  const at = (time: string) => `2030-01-01T${time}Z`;
  /** Comparator, operand, a value that matches, a value that does not. */
  const comparators: [string, Json, Json, Json][] = [
    ['StringEquals', 'a', 'a', 'b'],
    ['StringLessThan', 'b', 'a', 'b'],
    ['StringGreaterThan', 'b', 'c', 'b'],
    ['StringLessThanEquals', 'b', 'b', 'c'],
    ['StringGreaterThanEquals', 'b', 'b', 'a'],
    ['StringMatches', 'o-*.t?t', 'o-12.t?t', 'o-12.txt'],
    ['StringMatches', 'a\\*b*', 'a*bc', 'axbc'],
    ['NumericEquals', 1, 1, '1'],
    ['NumericLessThan', 1, 0.5, 1],
    ['NumericGreaterThan', 1, 2, 1],
    ['NumericLessThanEquals', 1, 1, 2],
    ['NumericGreaterThanEquals', 1, 1, 0],
    ['BooleanEquals', false, false, true],
    ['TimestampEquals', at('00:00:00'), '2030-01-01T01:00:00+01:00', at('00:00:01')],
    ['TimestampLessThan', at('12:00:00'), at('11:59:59.999'), at('12:00:00')],
    ['TimestampGreaterThan', at('12:00:00'), at('12:00:01'), 'not a time'],
    ['TimestampLessThanEquals', at('12:00:00'), at('12:00:00'), at('12:00:01')],
    ['TimestampGreaterThanEquals', at('12:00:00'), at('12:00:00'), at('11:00:00')],
    ['IsNull', true, null, 0],
    ['IsString', true, '', 0],
    ['IsNumeric', true, 0, '0'],
    ['IsBoolean', false, 0, false],
    ['IsTimestamp', true, at('00:00:00'), '2030-01-01'],
  ];
  it.each(comparators)('%s %j takes %j and not %j', async (comparator, operand, yes, no) => {
    const rule = { Variable: '$.v', [comparator]: operand };
    expect([await matches(rule, { v: yes }), await matches(rule, { v: no })]).toEqual([true, false]);
  });

  const byPath = comparators.filter(([name]) => /^(String|Numeric|Boolean|Timestamp)(?!Matches)/.test(name));
  it.each(byPath)('%sPath with %j takes %j and not %j', async (comparator, operand, yes, no) => {
    const rule = { Variable: '$.v', [`${comparator}Path`]: '$.w' };
    expect([await matches(rule, { v: yes, w: operand }), await matches(rule, { v: no, w: operand })]).toEqual(
      [true, false],
    );
  });

  it('IsPresent tells a missing field from null', async () => {
    const rule = { Variable: '$.v', IsPresent: true };
    expect([await matches(rule, { v: null }), await matches(rule, {})]).toEqual([true, false]);
  });

  it('And, Or and Not combine rules', async () => {
    const rule = {
      And: [
        { Variable: '$.n', NumericGreaterThan: 1 },
        {
          Not: {
            Or: [
              { Variable: '$.s', StringEquals: 'x' },
              { Variable: '$.s', StringEquals: 'y' },
            ],
          },
        },
      ],
    };
    expect(await Promise.all([2, 1].map((n) => matches(rule, { n, s: 'z' })))).toEqual([true, false]);
    expect(await matches(rule, { n: 2, s: 'y' })).toBe(false);
  });

  it('a variable that is missing is a runtime error', async () => {
    expect(await matches({ Variable: '$.v', IsNull: true }, {})).toBe('States.Runtime');
  });

  it('no match and no default is States.NoChoiceMatched', async () => {
    const { error } = await run({
      StartAt: 'Choose',
      States: {
        Choose: { Type: 'Choice', Choices: [{ Variable: '$', IsNull: true, Next: 'Done' }] },
        Done: { Type: 'Succeed' },
      },
    });
    expect(error?.Error).toBe('States.NoChoiceMatched');
  });
});

describe('Wait, Succeed and Fail', () => {
  it.each<[object, Json, number]>([
    [{ Seconds: 5 }, {}, 5000],
    [{ SecondsPath: '$.s' }, { s: 7 }, 7000],
    [{ Timestamp: '2030-01-01T00:00:09Z' }, {}, 9000],
    [{ TimestampPath: '$.t' }, { t: '2030-01-01T00:01:00Z' }, 60_000],
    [{ Timestamp: '2020-01-01T00:00:00Z' }, {}, 0],
  ])('Wait %j of %j waits %i ms', async (state, input, milliseconds) => {
    expect(await run(only({ Type: 'Wait', ...state }), input)).toMatchObject({
      waits: [milliseconds],
      output: input,
    });
  });

  it('Succeed ends with what OutputPath selects', async () => {
    const machine = { StartAt: 'S', States: { S: { Type: 'Succeed', OutputPath: '$.a' } } };
    expect((await run(machine, { a: 1 })).output).toBe(1);
  });

  it('Fail takes its error and cause from the input or an intrinsic function', async () => {
    const machine = {
      StartAt: 'F',
      States: { F: { Type: 'Fail', ErrorPath: '$.name', CausePath: "States.Format('order {}', $.id)" } },
    };
    expect((await run(machine, { name: 'OutOfStock', id: 'o-1' })).error).toEqual({
      Error: 'OutOfStock',
      Cause: 'order o-1',
    });
  });
});

describe('tasks', () => {
  it('a bare function ARN answers the result, undefined as null', async () => {
    expect((await run(call('double'), 4, { double: (n) => Number(n) * 2 })).output).toBe(8);
    expect((await run(call('nothing'), 4, { nothing: () => undefined })).output).toBeNull();
  });

  it('lambda:invoke wraps the result', async () => {
    const state = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: functionArn('echo'), 'Payload.$': '$' },
    };
    expect((await run(only(state), { a: 1 }, { echo: (payload) => payload })).output).toEqual({
      ExecutedVersion: '$LATEST',
      Payload: { a: 1 },
      StatusCode: 200,
    });
  });

  it('ResultSelector shapes the result before ResultPath places it', async () => {
    const state = {
      ResultSelector: { 'id.$': '$.deep.id', 'state.$': '$$.State.Name' },
      ResultPath: '$.result',
      OutputPath: '$.result',
    };
    expect(
      (await run(call('f', state), { a: 1 }, { f: () => ({ deep: { id: 3 }, secret: 1 }) })).output,
    ).toEqual({
      id: 3,
      state: 'Only',
    });
  });

  it('sqs:sendMessage sends an object as JSON', async () => {
    const state = {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage',
      Parameters: { QueueUrl: 'http://queue', MessageBody: { 'id.$': '$.id' }, DelaySeconds: 5 },
    };
    const { sent, output } = await run(only(state), { id: 'o-1' });
    expect(sent).toEqual([{ queueUrl: 'http://queue', body: '{"id":"o-1"}', options: { DelaySeconds: 5 } }]);
    expect(output).toMatchObject({ MessageId: 'm-1' });
  });

  it.each<[string, object, string]>([
    ['a function error', { Resource: functionArn('fails') }, 'OutOfStock'],
    ['a missing function', { Resource: functionArn('gone') }, 'Lambda.ResourceNotFoundException'],
    [
      'a queue that refuses',
      {
        Resource: 'arn:aws:states:::sqs:sendMessage',
        Parameters: { QueueUrl: 'http://missing', MessageBody: '' },
      },
      'SQS.AmazonSQSException',
    ],
    ['a fault of the local stack', { Resource: functionArn('breaks') }, 'States.Runtime'],
  ])('%s surfaces under its name', async (_, state, name) => {
    const functions: Functions = {
      fails: () => {
        throw new FunctionError('OutOfStock', 'none left', ['at f']);
      },
      breaks: () => {
        throw new TypeError('bug');
      },
    };
    expect((await run(only({ Type: 'Task', ...state }), {}, functions)).error?.Error).toBe(name);
  });

  it("a function error's cause is what AWS reports: type, message and trace as JSON", async () => {
    const functions: Functions = {
      f: () => {
        throw new FunctionError('OutOfStock', 'none left', ['at f']);
      },
    };
    const { error } = await run(call('f'), {}, functions);
    expect(JSON.parse(error?.Cause ?? '')).toEqual({
      errorType: 'OutOfStock',
      errorMessage: 'none left',
      trace: ['at f'],
    });
  });
});

describe('Retry and Catch', () => {
  /** Fails with the names in turn, then answers 'done'. */
  const failing = (...names: string[]): Functions => ({
    f: () => {
      const name = names.shift();
      if (name !== undefined) throw new FunctionError(name, 'why');
      return 'done';
    },
  });
  const caught = (errors: string[], more: object = {}) => ({
    StartAt: 'Try',
    States: {
      Try: {
        Type: 'Task',
        Resource: functionArn('f'),
        Catch: [{ ErrorEquals: errors, Next: 'Rescue', ...more }],
        End: true,
      },
      Rescue: { Type: 'Pass', Parameters: { 'rescued.$': '$' }, End: true },
    },
  });

  it('a retry waits IntervalSeconds, growing by BackoffRate up to MaxDelaySeconds', async () => {
    const Retry = [
      { ErrorEquals: ['Busy'], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 4, MaxDelaySeconds: 20 },
    ];
    const { waits, output, visits } = await run(
      call('f', { Retry }),
      {},
      failing('Busy', 'Busy', 'Busy', 'Busy'),
    );
    expect({ waits, output }).toEqual({ waits: [2000, 6000, 18_000, 20_000], output: 'done' });
    expect(visits).toMatchObject([
      { name: 'Only', retries: 4, error: 'Busy', enteredAt: NOW, exitedAt: NOW + 46_000 },
    ]);
  });

  it('full jitter waits a random part of the delay', async () => {
    const Retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 10, JitterStrategy: 'FULL' }];
    expect((await run(call('f', { Retry }), {}, failing('Busy', 'Busy'), 0.25)).waits).toEqual([2500, 5000]);
  });

  it('without MaxAttempts an error is retried three times', async () => {
    const Retry = [{ ErrorEquals: ['States.ALL'] }];
    const { waits, error } = await run(call('f', { Retry }), {}, failing('A', 'A', 'A', 'A'));
    expect({ waits, error: error?.Error }).toEqual({ waits: [1000, 2000, 4000], error: 'A' });
  });

  it('each retrier counts its own attempts', async () => {
    const Retry = [
      { ErrorEquals: ['A'], MaxAttempts: 1 },
      { ErrorEquals: ['B'], MaxAttempts: 1, IntervalSeconds: 9 },
    ];
    const { waits, error } = await run(call('f', { Retry }), {}, failing('A', 'B', 'A'));
    expect({ waits, error: error?.Error }).toEqual({ waits: [1000, 9000], error: 'A' });
  });

  it('MaxAttempts 0 never retries, though a later retrier would', async () => {
    const Retry = [{ ErrorEquals: ['A'], MaxAttempts: 0 }, { ErrorEquals: ['States.ALL'] }];
    expect((await run(call('f', { Retry }), {}, failing('A'))).error?.Error).toBe('A');
  });

  it('a state sees how often it was retried', async () => {
    const counts: unknown[] = [];
    const answer = failing('A', 'A').f;
    const Retry = [{ ErrorEquals: ['A'] }];
    await run(
      call('f', { Retry, Parameters: { 'retries.$': '$$.State.RetryCount' } }),
      {},
      {
        f: (payload) => {
          counts.push(payload);
          return answer?.(payload);
        },
      },
    );
    expect(counts).toEqual([{ retries: 0 }, { retries: 1 }, { retries: 2 }]);
  });

  it('a Catch goes on with the error in place of the input', async () => {
    const { output } = await run(caught(['OutOfStock']), { a: 1 }, failing('OutOfStock'));
    expect(output).toEqual({ rescued: { Error: 'OutOfStock', Cause: expect.stringContaining('why') } });
  });

  it('a Catch puts the error where its ResultPath says', async () => {
    const machine = caught(['States.ALL'], { ResultPath: '$.failure' });
    expect((await run(machine, { a: 1 }, failing('X'))).output).toMatchObject({
      rescued: { a: 1, failure: { Error: 'X' } },
    });
  });

  const never: Functions = { f: () => new Promise(() => undefined) };
  const timed = (errors: string[]) => {
    const machine = caught(errors);
    return { ...machine, States: { ...machine.States, Try: { ...machine.States.Try, TimeoutSeconds: 3 } } };
  };
  it.each([
    ['States.Timeout', 'States.Timeout', true],
    ['States.ALL', 'States.Timeout', true],
    ['States.TaskFailed', 'States.Timeout', false],
    ['States.TaskFailed', 'Anything', true],
    ['States.ALL', 'Anything', true],
    ['Something', 'Anything', false],
  ])('a Catch of %s takes %s: %s', async (wanted, error, taken) => {
    const { output } =
      error === 'States.Timeout'
        ? await run(timed([wanted]), {}, never)
        : await run(caught([wanted]), {}, failing(error));
    expect(output !== undefined).toBe(taken);
  });

  it('a task that answers in time is not timed out', async () => {
    const { output, waits } = await run(
      call('f', { TimeoutSecondsPath: '$.limit' }),
      { limit: 3 },
      { f: () => 'ok' },
    );
    expect({ output, waits }).toEqual({ output: 'ok', waits: [] });
  });
});

describe('Parallel', () => {
  const branch = (state: object) => only(state);
  it('every branch gets the input, and the results come in the order of the branches', async () => {
    const Branches = [
      branch({ Type: 'Wait', Seconds: 3 }),
      branch({ Type: 'Pass', Parameters: { 'b.$': '$.a' } }),
    ];
    expect((await run(only({ Type: 'Parallel', Branches }), { a: 1 })).output).toEqual([{ a: 1 }, { b: 1 }]);
  });

  it('the first branch that fails ends the others and is caught by its name', async () => {
    const { output, visits } = await run({
      StartAt: 'Both',
      States: {
        Both: {
          Type: 'Parallel',
          Branches: [
            { StartAt: 'Bad', States: { Bad: { Type: 'Fail', Error: 'Broken', Cause: 'on purpose' } } },
            {
              StartAt: 'Slow',
              States: { Slow: { Type: 'Wait', Seconds: 1, Next: 'Late' }, Late: { Type: 'Pass', End: true } },
            },
          ],
          Catch: [{ ErrorEquals: ['Broken'], Next: 'Rescue' }],
          End: true,
        },
        Rescue: { Type: 'Wait', Seconds: 60, End: true },
      },
    });
    expect(output).toEqual({ Error: 'Broken', Cause: 'on purpose' });
    expect(visits.map(({ name, within }) => [name, within])).toEqual([
      ['Both', ''],
      ['Bad', 'Both[0]'],
      ['Slow', 'Both[1]'],
      ['Rescue', ''],
    ]);
  });
});

describe('Map', () => {
  const processor = (state: object) => ({ ProcessorConfig: { Mode: 'INLINE' }, ...only(state) });

  it('ItemSelector sees the item, its index and the input of the Map', async () => {
    const state = {
      Type: 'Map',
      ItemsPath: '$.keys',
      ItemSelector: { 'key.$': '$$.Map.Item.Value', 'at.$': '$$.Map.Item.Index', 'order.$': '$.order' },
      ItemProcessor: processor({ Type: 'Pass' }),
    };
    expect((await run(only(state), { order: 'o-1', keys: ['x', 'y'] })).output).toEqual([
      { key: 'x', at: 0, order: 'o-1' },
      { key: 'y', at: 1, order: 'o-1' },
    ]);
  });

  it('the older Iterator and Parameters work, and the inner states see the item in the context', async () => {
    const state = {
      Type: 'Map',
      Parameters: { 'v.$': '$$.Map.Item.Value' },
      Iterator: only({ Type: 'Pass', Parameters: { 'v.$': '$.v', 'i.$': '$$.Map.Item.Index' } }),
    };
    expect((await run(only(state), ['x'])).output).toEqual([{ v: 'x', i: 0 }]);
  });

  it.each([
    [{ MaxConcurrency: 2 }, 2],
    [{ MaxConcurrencyPath: '$[0]' }, 1],
    [{}, 40],
  ])('%j runs %i iterations at once', async (more, most) => {
    let running = 0;
    let peak = 0;
    const f = async (value: unknown) => {
      running += 1;
      peak = Math.max(peak, running);
      await setImmediate();
      running -= 1;
      return value;
    };
    const items = Array.from({ length: 50 }, (_, index) => index + 1);
    const state = {
      Type: 'Map',
      ...more,
      ItemProcessor: processor({ Type: 'Task', Resource: functionArn('f') }),
    };
    expect((await run(only(state), items, { f })).output).toEqual(items);
    expect(peak).toBe(most);
  });

  it('a failing item fails the Map with its error and starts no further items', async () => {
    const seen: unknown[] = [];
    const f = (item: unknown) => {
      seen.push(item);
      if (item === 2) throw new FunctionError('Bad', 'item');
    };
    const state = {
      Type: 'Map',
      MaxConcurrency: 1,
      ItemProcessor: processor({ Type: 'Task', Resource: functionArn('f') }),
    };
    expect((await run(only(state), [1, 2, 3], { f })).error?.Error).toBe('Bad');
    expect(seen).toEqual([1, 2]);
  });
});

describe('a definition is refused, by name, that', () => {
  const pass = { Type: 'Pass', End: true };
  it.each<[string, object, RegExp]>([
    ['uses JSONata', { QueryLanguage: 'JSONata', ...only(pass) }, /QueryLanguage.*JSONPath/],
    ['uses JSONata in a state', only({ ...pass, QueryLanguage: 'JSONata' }), /Only.*QueryLanguage/],
    ['assigns variables', only({ ...pass, Assign: { a: 1 } }), /Only.*Assign/],
    ['reads variables', only({ ...pass, InputPath: '$order.id' }), /\$order\.id.*variables/],
    ['has a field name that the library misreads', only({ ...pass, InputPath: "$['a,b']" }), /a,b/],
    ['has a heartbeat', call('f', { HeartbeatSeconds: 3 }), /HeartbeatSeconds/],
    ['hashes', only({ ...pass, Parameters: { 'h.$': "States.Hash('a', 'MD5')" } }), /States\.Hash/],
    [
      'nests an unknown function',
      only({ ...pass, Parameters: { 'h.$': 'States.Array(States.Nope())' } }),
      /States\.Nope/,
    ],
    [
      'has a malformed expression',
      only({ ...pass, Parameters: { 'h.$': 'States.Array(1' } }),
      /States\.Array\(1/,
    ],
    ['has a fixed value in a path field', only({ ...pass, Parameters: { 'h.$': 'fixed' } }), /"fixed"/],
    [
      'calls an AWS SDK',
      only({ Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:s3:getObject' }),
      /aws-sdk:s3/,
    ],
    [
      'waits for a task token',
      only({ Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken', Parameters: {} }),
      /waitForTaskToken/,
    ],
    [
      'passes a parameter that is not emulated',
      only({
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Parameters: { FunctionName: 'f', 'Qualifier.$': '$' },
      }),
      /Qualifier/,
    ],
    ['has a state of an unknown type', only({ Type: 'Poll' }), /Only/],
    ['goes nowhere', { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' } } }, /A: no state "B"/],
    ['starts nowhere', { StartAt: 'B', States: { A: pass } }, /StartAt: no state "B"/],
    ['does not end', { StartAt: 'A', States: { A: { Type: 'Pass' } } }, /A: needs either Next or End/],
    ['puts a result where a list is', only({ ...pass, ResultPath: '$.a[*]' }), /\$\.a\[\*\]/],
    [
      'maps items elsewhere',
      only({ Type: 'Map', ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' }, ...only(pass) } }),
      /INLINE/,
    ],
    [
      'compares by an unknown comparator',
      {
        StartAt: 'C',
        States: {
          C: { Type: 'Choice', Choices: [{ Variable: '$', StringAlmost: 'a', Next: 'D' }] },
          D: { Type: 'Succeed' },
        },
      },
      /C: .*StringAlmost/,
    ],
    [
      'catches everything before something',
      call('f', { Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['A'] }] }),
      /States\.ALL/,
    ],
    [
      'is wrong deep inside',
      only({ Type: 'Parallel', Branches: [call('f', { Resource: 'nope' })] }),
      /Only: Only.*nope/,
    ],
  ])('%s', (_, definition, message) => {
    expect(() => parseDefinition(JSON.stringify(definition))).toThrow(message);
  });
});
