import { parseArgs } from 'node:util';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type InviteOwnerInput, inviteOwnerInput, inviteOwnerOutput } from '../lambdas/contract/merchants';
import { type ProblemCode, problems } from '../lambdas/contract/problems';

const USAGE =
  'usage: npm run invite-owner -- --slug <shop> --name <name> --email <address>' +
  ' [--currency CNY] [--stack vouchsafe-dev-console-api]';
const DEFAULT_STACK = 'vouchsafe-dev-console-api';
const FUNCTION_OUTPUT = 'InviteOwnerFunction';

/** Opens a merchant and invites its first owner, in the cloud or, by AWS_ENDPOINT_URL, on this machine. */
async function run(args: string[]): Promise<string> {
  const { stack, ...flags } = flagsOf(args);
  const input = inputOf(flags);
  const functionName = await inviteOwnerFunction(stack);
  const { slug, email, merchantId } = await invite(functionName, input);
  return `Invited ${email} as owner of the shop "${slug}" (${merchantId}). The invitation comes by e-mail, once.`;
}

function flagsOf(args: string[]) {
  const text = { type: 'string' } as const;
  const options = { slug: text, name: text, email: text, currency: text };
  const stack = { ...text, default: DEFAULT_STACK };
  try {
    return parseArgs({ args, options: { ...options, stack } }).values;
  } catch (error) {
    throw new Error(`${messageOf(error)} (${USAGE})`);
  }
}

function inputOf(flags: { [Flag in keyof InviteOwnerInput]?: string | undefined }) {
  const input = inviteOwnerInput.safeParse(flags);
  if (input.success) return input.data;
  const wrong = input.error.issues.map(({ path, message }) => {
    const flag = String(path[0]) as keyof InviteOwnerInput;
    return `--${flag} ${flags[flag] === undefined ? 'is missing' : message}`;
  });
  throw new Error(`${wrong.join('; ')} (${USAGE})`);
}

async function inviteOwnerFunction(StackName: string): Promise<string> {
  const { Stacks } = await new CloudFormationClient({}).send(new DescribeStacksCommand({ StackName }));
  const output = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === FUNCTION_OUTPUT)?.OutputValue;
  if (output === undefined) throw new Error(`the stack ${StackName} has no output ${FUNCTION_OUTPUT}`);
  return output;
}

async function invite(FunctionName: string, input: InviteOwnerInput) {
  const { FunctionError, Payload } = await new LambdaClient({}).send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify(input) }),
  );
  const answer: unknown = JSON.parse(Buffer.from(Payload ?? []).toString());
  if (FunctionError !== undefined) throw new Error(refusalOf(answer));
  return inviteOwnerOutput.parse(answer);
}

/** A refusal of the product travels as its code; anything else is told as Lambda tells it. */
function refusalOf(answer: unknown): string {
  const code = messageOf(answer, 'errorMessage');
  return problems[code as ProblemCode]?.title ?? `the invitation failed: ${code}`;
}

function messageOf(thing: unknown, field = 'message'): string {
  const message = (thing as Record<string, unknown> | null)?.[field];
  return (typeof message === 'string' && message) || String(thing);
}

run(process.argv.slice(2)).then(
  (done) => console.log(done),
  (error: unknown) => {
    console.error(messageOf(error).replace(/\s+/g, ' '));
    process.exitCode = 1;
  },
);
