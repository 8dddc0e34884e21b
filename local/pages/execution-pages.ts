import type { ExecutionStatus, ExecutionSummary } from '../services/step-functions/execution-log';
import { type Content, type Html, html } from './html';
import type { Page } from './page';
import { type ShownPlatform, stacksOf } from './shown-platform';
import { badge, type Tone, table } from './table';
import { counted, duration, lastPartOf, moment, resourceName } from './text';

type StateVisit = ExecutionSummary['states'][number];

/** Every execution that the local log still holds. */
export function executionsPage(platform: ShownPlatform): Page {
  const executions = platform.services.stepFunctions.executions();
  return {
    title: 'Executions',
    live: true,
    main: html`<main class="plain">
<h1>Executions</h1>
<p class="aside">The latest ones since the start, at most 200; not kept across a restart.</p>
${executionsTable(executions, stacksOf(platform))}
</main>`,
  };
}

/** One execution, or all that were started under its name: the names of Express executions may repeat. */
export function executionPage(platform: ShownPlatform, name: string): Page | undefined {
  const executions = platform.services.stepFunctions
    .executions()
    .filter((execution) => execution.name === name);
  if (executions.length === 0) return undefined;
  return {
    title: name,
    live: executions.some(({ status }) => status === 'RUNNING'),
    main: html`<main class="plain">
<h1>Execution ${name}</h1>
${executions.map((execution) => executionDetails(execution, stacksOf(platform)))}</main>`,
  };
}

export function executionsTable(executions: readonly ExecutionSummary[], stacks: readonly string[]): Html {
  return table(
    ['Execution', 'Status', 'Started', { number: 'Duration' }, 'States'],
    executions.map((execution) => [
      html`<a href="/executions/${encodeURIComponent(execution.name)}">${execution.name}</a>
<span class="machine">${resourceName(lastPartOf(execution.stateMachineArn), stacks)}</span>`,
      status(execution),
      moment(execution.startedAt),
      lasted(execution.startedAt, execution.stoppedAt),
      statesInShort(execution.states),
    ]),
    'Nothing was executed since the start.',
  );
}

function executionDetails(execution: ExecutionSummary, stacks: readonly string[]): Html {
  const { executionArn, stateMachineArn, startedAt, stoppedAt, input, output, error, cause } = execution;
  return html`<section><h2>${moment(startedAt)} ${status(execution)}</h2>
<dl>
<dt>State machine</dt><dd>${resourceName(lastPartOf(stateMachineArn), stacks)}</dd>
<dt>Duration</dt><dd>${lasted(startedAt, stoppedAt)}</dd>
<dt>ARN</dt><dd><code>${executionArn}</code></dd>
${error !== undefined && html`<dt>Error</dt><dd>${error}</dd>\n`}${
  cause !== undefined && html`<dt>Cause</dt><dd><pre>${cause}</pre></dd>\n`
}<dt>Input</dt><dd><pre>${indented(input)}</pre></dd>
${output !== undefined && html`<dt>Output</dt><dd><pre>${indented(output)}</pre></dd>\n`}</dl>
<h3>States</h3>
${table(
  ['State', 'Type', 'Entered', { number: 'Duration' }, { number: 'Retries' }, 'Error'],
  execution.states.map((visit) => [
    html`${visit.name}${visit.within !== '' && html` <span class="aside">in ${visit.within}</span>`}`,
    visit.type,
    `+ ${duration(visit.enteredAt - startedAt)}`,
    lasted(visit.enteredAt, visit.exitedAt),
    visit.retries > 0 ? badge(String(visit.retries), 'warning') : visit.retries,
    visit.error ?? '–',
  ]),
  'No state was entered.',
)}</section>
`;
}

const TONES: Readonly<Record<ExecutionStatus, Tone>> = {
  RUNNING: 'quiet',
  SUCCEEDED: 'good',
  FAILED: 'bad',
  TIMED_OUT: 'bad',
  ABORTED: 'warning',
};

const status = ({ status }: ExecutionSummary): Html =>
  badge(status.toLowerCase().replace('_', ' '), TONES[status]);

const lasted = (from: number, to: number | undefined): string =>
  to === undefined ? `${duration(Math.max(0, Date.now() - from))} so far` : duration(to - from);

/** Each state once, in the order they were first entered, with what did not go smoothly. */
function statesInShort(states: readonly StateVisit[]): Html {
  const byName = new Map<string, StateVisit[]>();
  for (const visit of states) byName.set(visit.name, [...(byName.get(visit.name) ?? []), visit]);
  return html`<ol class="states">${[...byName].map(([name, visits]) => {
    const retries = visits.reduce((sum, visit) => sum + visit.retries, 0);
    const errors = new Set(visits.flatMap(({ error }) => error ?? []));
    const troubles: Content[] = [
      retries > 0 && badge(counted(retries, 'retry', 'retries'), 'warning'),
      ...[...errors].map((error) => badge(error, 'bad')),
    ];
    return html`<li>${name}${visits.length > 1 && ` × ${visits.length}`} ${troubles.map((trouble) => html`${trouble} `)}</li>`;
  })}</ol>`;
}

/** JSON over several lines; what the log cut short stays as it is. */
function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
