import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { AwsError, type AwsJsonService, arnOf, type Log, type Provisioners } from '../../aws';
import { callOperation, type Operations, operationsWith } from '../aws-json-operations';
import { pageOf } from '../paging';
import { type Clock, systemClock } from './clock';
import { ExecutionLog, type ExecutionRecord, type ExecutionSummary, type Outcome } from './execution-log';
import { Interpreter } from './interpreter';
import { type Json, parseJson } from './json';
import { type StateMachine, stateMachineOf } from './state-machine';
import { asStatesError, StatesError } from './states-error';
import { runTask, type TaskIntegrations } from './task-integrations';

/** AWS ends an Express execution after five minutes, whatever its definition says. */
const LONGEST_EXPRESS_SECONDS = 300;
const LONGEST_INPUT_BYTES = 256 * 1024;
const MACHINE_ARN = /^arn:aws:states:[\w-]+:\d{12}:stateMachine:[^:]+$/;
const EXECUTION_NAME = /^[^\s[\]{}<>?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u;

export interface StepFunctionsOptions {
  readonly integrations: TaskIntegrations;
  readonly log: Log;
  readonly clock?: Clock | undefined;
}

const operation = operationsWith('ValidationException');

const ofMachine = z.strictObject({ stateMachineArn: z.string() });
const start = z.strictObject({
  stateMachineArn: z.string(),
  name: z.string().optional(),
  input: z.string().default('{}'),
  traceHeader: z.string().optional(),
});
const page = z.strictObject({
  maxResults: z.number().int().min(0).max(1000).optional(),
  nextToken: z.string().optional(),
});
const anything = z.looseObject({});

/**
 * Step Functions with Express state machines (target prefix `AWSStepFunctions`). An execution goes on in this process
 * after StartExecution answered. Executions that run when the process dies are lost, as an Express execution may be
 * in AWS; the caller's sweeper has to cover that.
 */
export class StepFunctions implements AwsJsonService {
  readonly provisioners: Provisioners = {
    'AWS::StepFunctions::StateMachine': (resource) => {
      const machine = stateMachineOf(resource, this.#clock.now());
      this.#machines.set(machine.arn, machine);
      const { arn, name, revisionId } = machine;
      return { ref: arn, attributes: { Arn: arn, Name: name, StateMachineRevisionId: revisionId } };
    },
  };

  readonly #machines = new Map<string, StateMachine>();
  readonly #executions = new ExecutionLog();
  readonly #running = new Map<Promise<void>, AbortController>();
  readonly #integrations: TaskIntegrations;
  readonly #log: Log;
  readonly #clock: Clock;

  readonly #operations: Operations = {
    StartExecution: operation(start, (input) => this.#start(input)),
    DescribeStateMachine: operation(ofMachine, ({ stateMachineArn }) => this.#describe(stateMachineArn)),
    ListStateMachines: operation(page, ({ maxResults, nextToken }) => {
      const listed = pageOf([...this.#machines.values()], maxResults || 100, nextToken);
      const stateMachines = listed.page.map(({ arn, name, creationDate }) => ({
        stateMachineArn: arn,
        name,
        creationDate,
        type: 'EXPRESS',
      }));
      return { stateMachines, nextToken: listed.next };
    }),
    ListExecutions: operation(z.looseObject({ stateMachineArn: z.string() }), ({ stateMachineArn }) => {
      this.#machine(stateMachineArn);
      throw new AwsError(
        'StateMachineTypeNotSupported',
        'This operation is not supported by this type of state machine',
      );
    }),
    DescribeExecution: operation(anything, refuseExpressExecution),
    GetExecutionHistory: operation(anything, refuseExpressExecution),
    StopExecution: operation(anything, refuseExpressExecution),
  };

  constructor({ integrations, log, clock = systemClock }: StepFunctionsOptions) {
    this.#integrations = integrations;
    this.#log = log;
    this.#clock = clock;
  }

  call(name: string, input: Record<string, unknown>): unknown {
    return callOperation('Step Functions', this.#operations, name, input);
  }

  /**
   * Starts an execution as StartExecution does, for callers in this process such as a schedule. `input` is JSON.
   * Throws the AwsError that AWS would answer.
   */
  startExecution(stateMachineArn: string, input: string): { executionArn: string } {
    return this.#start({ stateMachineArn, input });
  }

  /** The last 200 executions, the latest first. */
  executions(): ExecutionSummary[] {
    return this.#executions.executions();
  }

  /** Ends every running execution. */
  async close(): Promise<void> {
    const aborted = new StatesError('Aborted', 'The local stack was stopped');
    for (const controller of this.#running.values()) controller.abort(aborted);
    await Promise.all(this.#running.keys());
  }

  #start({ stateMachineArn, name = randomUUID(), input }: z.output<typeof start>) {
    const machine = this.#machine(stateMachineArn);
    if (!EXECUTION_NAME.test(name)) throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
    const data = inputOf(input);
    const startedAt = this.#clock.now();
    // Express executions are not deduplicated by name: each start is an execution of its own.
    const executionArn = arnOf('states', `express:${machine.name}:${name}:${randomUUID()}`);
    const record = this.#executions.begin({ executionArn, name, stateMachineArn, startedAt, input });
    const controller = new AbortController();
    const run: Promise<void> = this.#run(
      machine,
      data,
      { executionArn, name, startedAt },
      record,
      controller,
    ).finally(() => this.#running.delete(run));
    this.#running.set(run, controller);
    return { executionArn, startDate: startedAt / 1000 };
  }

  async #run(
    machine: StateMachine,
    input: Json,
    { executionArn, name, startedAt }: { executionArn: string; name: string; startedAt: number },
    record: ExecutionRecord,
    controller: AbortController,
  ): Promise<void> {
    const timeLimit = this.#limit(machine, controller);
    const interpreter = new Interpreter({
      runTask: (resource, argument) => runTask(this.#integrations, resource, argument),
      clock: this.#clock,
      visited: record.visited,
    });
    const context = {
      Execution: {
        Id: executionArn,
        Input: input,
        Name: name,
        RoleArn: machine.roleArn,
        StartTime: new Date(startedAt).toISOString(),
      },
      StateMachine: { Id: machine.arn, Name: machine.name },
    };
    const outcome = await interpreter
      .run(machine.definition, input, { context, signal: controller.signal, within: '' })
      .then(
        (output): Outcome => ({ status: 'SUCCEEDED', output: JSON.stringify(output) }),
        (error: unknown): Outcome => {
          const { name: code, message: cause } = asStatesError(error);
          return { status: timeLimit.statusOf(error), error: code, cause };
        },
      );
    timeLimit.lift();
    record.ended(outcome, this.#clock.now());
    if (outcome.status !== 'SUCCEEDED') {
      const { status, error, cause } = outcome;
      this.#log('step-functions', `${machine.name} ${status}: ${error}`, { executionArn, cause });
    }
  }

  /** Ends the execution with States.Timeout when its time is up, which no state can catch. */
  #limit({ definition, name }: StateMachine, controller: AbortController) {
    const seconds = Math.min(definition.TimeoutSeconds ?? LONGEST_EXPRESS_SECONDS, LONGEST_EXPRESS_SECONDS);
    const timeout = new StatesError('States.Timeout', `${name} did not end within ${seconds} seconds`);
    const lifted = new AbortController();
    this.#clock.wait(seconds * 1000, lifted.signal).then(
      () => controller.abort(timeout),
      () => undefined,
    );
    return {
      lift: () => lifted.abort(),
      statusOf: (error: unknown) => {
        if (!controller.signal.aborted) return 'FAILED' as const;
        return error === timeout ? ('TIMED_OUT' as const) : ('ABORTED' as const);
      },
    };
  }

  #describe(stateMachineArn: string) {
    const machine = this.#machine(stateMachineArn);
    return {
      stateMachineArn,
      name: machine.name,
      status: 'ACTIVE',
      type: 'EXPRESS',
      definition: machine.source,
      roleArn: machine.roleArn,
      creationDate: machine.creationDate,
      revisionId: machine.revisionId,
    };
  }

  #machine(arn: string): StateMachine {
    if (!MACHINE_ARN.test(arn)) throw new AwsError('InvalidArn', `Invalid Arn: '${arn}'`);
    const machine = this.#machines.get(arn);
    if (machine !== undefined) return machine;
    throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  }
}

/** As in AWS, an Express execution can be started but not asked about: its log is all there is. */
function refuseExpressExecution(): never {
  throw new AwsError('InvalidArn', "Invalid Arn: 'Resource type not valid in this context: express'");
}

function inputOf(text: string): Json {
  const refused = (reason: string) =>
    new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: ${reason}`);
  if (Buffer.byteLength(text) > LONGEST_INPUT_BYTES) throw refused('it is larger than 256 KiB');
  try {
    return parseJson(text);
  } catch {
    throw refused('it is not JSON');
  }
}
