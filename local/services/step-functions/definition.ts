import * as z from 'zod';
import { describeIssues } from '../aws-json-operations';
import { checkStates } from './definition-check';
import { parseJson } from './json';

/*
 * The shape of Amazon States Language as it is emulated: JSONPath mode without variables (Assign), heartbeats, task
 * tokens and distributed Map. Whatever these schemas do not name is refused when the state machine is provisioned.
 */

const path = z.string();
const template = z.json();
const seconds = z.number().int().min(0).max(99_999_999);
const queryLanguage = z.literal('JSONPath', { error: 'only JSONPath is emulated locally' }).optional();

const inputAndOutput = {
  Comment: z.string().optional(),
  QueryLanguage: queryLanguage,
  InputPath: path.nullable().optional(),
  OutputPath: path.nullable().optional(),
};

const transition = { Next: z.string().optional(), End: z.literal(true).optional() };

const result = { ResultSelector: template.optional(), ResultPath: path.nullable().optional() };

const errorNames = z
  .array(z.string())
  .min(1)
  .refine((names) => names.length === 1 || !names.includes('States.ALL'), 'States.ALL must stand alone');

const retrier = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals: errorNames,
  IntervalSeconds: z.number().int().min(1).default(1),
  MaxAttempts: z.number().int().min(0).default(3),
  BackoffRate: z.number().min(1).default(2),
  MaxDelaySeconds: z.number().int().min(1).optional(),
  JitterStrategy: z.enum(['NONE', 'FULL']).default('NONE'),
});

const catcher = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals: errorNames,
  Next: z.string(),
  ResultPath: path.nullable().optional(),
});

const recovery = { Retry: z.array(retrier).optional(), Catch: z.array(catcher).optional() };

const task = z.strictObject({
  ...inputAndOutput,
  ...transition,
  ...result,
  ...recovery,
  Type: z.literal('Task'),
  Resource: z.string(),
  Parameters: template.optional(),
  TimeoutSeconds: seconds.min(1).optional(),
  TimeoutSecondsPath: path.optional(),
});

const pass = z.strictObject({
  ...inputAndOutput,
  ...transition,
  Type: z.literal('Pass'),
  Result: template.optional(),
  Parameters: template.optional(),
  ResultPath: path.nullable().optional(),
});

const choice = z.strictObject({
  ...inputAndOutput,
  Type: z.literal('Choice'),
  Choices: z.array(z.looseObject({ Next: z.string() }).catchall(z.json())).min(1),
  Default: z.string().optional(),
});

const wait = z.strictObject({
  ...inputAndOutput,
  ...transition,
  Type: z.literal('Wait'),
  Seconds: seconds.optional(),
  SecondsPath: path.optional(),
  Timestamp: z.string().optional(),
  TimestampPath: path.optional(),
});

const succeed = z.strictObject({ ...inputAndOutput, Type: z.literal('Succeed') });

const fail = z.strictObject({
  Comment: z.string().optional(),
  QueryLanguage: queryLanguage,
  Type: z.literal('Fail'),
  Error: z.string().optional(),
  ErrorPath: z.string().optional(),
  Cause: z.string().optional(),
  CausePath: z.string().optional(),
});

/** A graph of states: the machine itself, a branch of a Parallel, or what a Map does with each item. */
export interface Branch {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

const graph = {
  Comment: z.string().optional(),
  StartAt: z.string(),
  States: z.record(
    z.string(),
    z.lazy((): z.ZodType<State> => state),
  ),
};

const branch = z.strictObject(graph);

const processor = z.strictObject({
  ...graph,
  ProcessorConfig: z
    .strictObject({ Mode: z.literal('INLINE', { error: 'only INLINE maps are emulated locally' }) })
    .optional(),
});

const parallel = z.strictObject({
  ...inputAndOutput,
  ...transition,
  ...result,
  ...recovery,
  Type: z.literal('Parallel'),
  Parameters: template.optional(),
  Branches: z.array(branch).min(1),
});

const map = z.strictObject({
  ...inputAndOutput,
  ...transition,
  ...result,
  ...recovery,
  Type: z.literal('Map'),
  ItemsPath: path.optional(),
  ItemSelector: template.optional(),
  /** The older name of ItemSelector. */
  Parameters: template.optional(),
  MaxConcurrency: z.number().int().min(0).optional(),
  MaxConcurrencyPath: path.optional(),
  ItemProcessor: processor.optional(),
  /** The older name of ItemProcessor. */
  Iterator: branch.optional(),
});

export type Retrier = z.output<typeof retrier>;
export type Catcher = z.output<typeof catcher>;
export type TaskState = z.output<typeof task>;
export type PassState = z.output<typeof pass>;
export type ChoiceState = z.output<typeof choice>;
export type WaitState = z.output<typeof wait>;
export type SucceedState = z.output<typeof succeed>;
export type FailState = z.output<typeof fail>;

type InputAndOutput = Omit<SucceedState, 'Type'>;
type Compound = InputAndOutput & {
  readonly Next?: string | undefined;
  readonly End?: true | undefined;
  readonly ResultSelector?: TaskState['ResultSelector'];
  readonly ResultPath?: TaskState['ResultPath'];
  readonly Retry?: Retrier[] | undefined;
  readonly Catch?: Catcher[] | undefined;
  readonly Parameters?: TaskState['Parameters'];
};

/** Written out, because a type that contains itself cannot be inferred. */
export type ParallelState = Compound & { readonly Type: 'Parallel'; readonly Branches: Branch[] };
export type MapState = Compound & {
  readonly Type: 'Map';
  readonly ItemsPath?: string | undefined;
  readonly ItemSelector?: TaskState['Parameters'];
  readonly MaxConcurrency?: number | undefined;
  readonly MaxConcurrencyPath?: string | undefined;
  readonly ItemProcessor?: Branch | undefined;
  readonly Iterator?: Branch | undefined;
};

export type State =
  | TaskState
  | PassState
  | ChoiceState
  | WaitState
  | SucceedState
  | FailState
  | ParallelState
  | MapState;

const state: z.ZodType<State> = z.discriminatedUnion('Type', [
  task,
  pass,
  choice,
  wait,
  succeed,
  fail,
  parallel,
  map,
]);

const machine = z.strictObject({
  ...graph,
  QueryLanguage: queryLanguage,
  Version: z.literal('1.0').optional(),
  TimeoutSeconds: seconds.min(1).optional(),
});

/** A whole state machine. `TimeoutSeconds` bounds each execution. */
export interface MachineDefinition extends Branch {
  readonly TimeoutSeconds?: number | undefined;
}

/** Reads a definition, or throws an Error that names each state and field which is wrong or not emulated. */
export function parseDefinition(text: string): MachineDefinition {
  const parsed = machine.safeParse(parseJson(text));
  if (!parsed.success) throw new Error(describeIssues(parsed.error));
  checkStates(parsed.data);
  return parsed.data;
}
