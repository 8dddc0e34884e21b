import type { FunctionSummary } from '../services/lambda/function-pool';
import type { ScheduleSummary } from '../services/scheduler';
import type { QueueSummary } from '../services/sqs';
import { apiDocumentFor } from './api-documents';
import { executionsTable } from './execution-pages';
import { type Content, type Html, html } from './html';
import type { Page } from './page';
import { type ShownPlatform, stacksOf } from './shown-platform';
import { badge, table } from './table';
import { counted, duration, lastPartOf, moment, oldestAge, resourceName } from './text';

const LATEST_EXECUTIONS = 20;
/** How CDK begins the outputs that only other stacks read. */
const BETWEEN_STACKS = 'ExportsOutput';
const UTC = ['UTC', 'Etc/UTC'];

/** What happens in every part of the platform right now. */
export function operationsPage(platform: ShownPlatform): Page {
  const { lambda, mailbox, scheduler, sqs, stepFunctions } = platform.services;
  const stacks = stacksOf(platform);
  const executions = stepFunctions.executions();
  return {
    title: 'Operations',
    live: true,
    main: html`<main class="plain">
<h1>Operations</h1>
<p class="aside">As of ${moment(Date.now())}. All times are UTC.</p>
<section><h2>Addresses</h2>
<ul class="addresses">
${apis(platform)}<li><a href="/mailbox">Mailbox</a> <span class="aside">${counted(mailbox.messages().length, 'message')}</span></li>
</ul></section>
<section><h2>Queues</h2>
${queuesTable(sqs.queues(), stacks)}</section>
<section><h2>Executions</h2>
${executionsTable(executions.slice(0, LATEST_EXECUTIONS), stacks)}
${
  executions.length > LATEST_EXECUTIONS &&
  html`<p>The latest ${LATEST_EXECUTIONS}. <a href="/executions">Show all ${executions.length}</a></p>`
}</section>
<section><h2>Functions</h2>
<p class="aside">Since the start; percentiles over the latest 500 invocations, loading included.</p>
${functionsTable(lambda.functions(), stacks)}</section>
<section><h2>Schedules</h2>
${schedulesTable(scheduler.schedules(), stacks)}</section>
<section><h2>Stack outputs</h2>
${outputsTable(platform)}</section>
</main>`,
  };
}

function apis({ outputs, services }: ShownPlatform): Html[] {
  return services.apiGateway.apis().map(({ name, url }) => {
    const document = apiDocumentFor(url, outputs);
    const title = document ? html`<a href="/api-docs/${document.name}">${document.title}</a>` : name;
    return html`<li>${title} <code>${url}</code></li>\n`;
  });
}

function queuesTable(queues: readonly QueueSummary[], stacks: readonly string[]): Html {
  return table(
    ['Queue', { number: 'Visible' }, { number: 'In flight' }, { number: 'Delayed' }, { number: 'Oldest' }],
    queues.map(({ name, visible, inFlight, delayed, oldestAgeSeconds, deadLetterSources }) => {
      const isEmpty = visible + inFlight + delayed === 0;
      return [
        html`<a href="/queues/${encodeURIComponent(name)}">${resourceName(name, stacks)}</a> ${
          deadLetterSources.length > 0 && badge('dead letters', isEmpty ? 'quiet' : 'bad')
        }`,
        visible,
        inFlight,
        delayed,
        oldestAge(oldestAgeSeconds),
      ];
    }),
    'There are no queues.',
  );
}

function functionsTable(functions: readonly FunctionSummary[], stacks: readonly string[]): Html {
  const rounded = (milliseconds: number | undefined) =>
    milliseconds === undefined ? '–' : duration(milliseconds);
  return table(
    [
      'Function',
      { number: 'Running' },
      { number: 'Invocations' },
      { number: 'Errors' },
      { number: 'Cold starts' },
      { number: 'p50' },
      { number: 'p95' },
    ],
    functions.map(({ name, running, waiting, invocations, errors, coldStarts, p50, p95 }) => [
      resourceName(name, stacks),
      waiting > 0 ? `${running} (${waiting} waiting)` : running,
      invocations,
      errors > 0 ? badge(String(errors), 'bad') : errors,
      coldStarts,
      rounded(p50),
      rounded(p95),
    ]),
    'There are no functions.',
  );
}

function schedulesTable(schedules: readonly ScheduleSummary[], stacks: readonly string[]): Html {
  return table(
    ['Schedule', 'When', 'Target', 'Next run', 'Last outcome'],
    schedules.map((schedule) => [
      resourceName(schedule.name, stacks),
      html`<code>${schedule.expression}</code> ${!UTC.includes(schedule.timezone) && schedule.timezone}`,
      resourceName(lastPartOf(schedule.targetArn), stacks),
      nextRun(schedule),
      lastOutcome(schedule),
    ]),
    'There are no schedules.',
  );
}

function nextRun({ enabled, nextRun }: ScheduleSummary): Content {
  if (!enabled) return badge('disabled', 'quiet');
  return nextRun === undefined ? 'over' : moment(nextRun);
}

function lastOutcome({ lastRun }: ScheduleSummary): Content {
  if (lastRun === undefined) return '–';
  const { outcome, finishedAt, attempts, error } = lastRun;
  return html`${badge(outcome, outcome === 'delivered' ? 'good' : 'bad')} ${moment(finishedAt)}${
    attempts > 1 && `, ${attempts} attempts`
  }${error !== undefined && html`<br>${error}`}`;
}

function outputsTable({ outputs }: ShownPlatform): Html {
  return table(
    ['Output', 'Value', 'Stack'],
    Object.entries(outputs).flatMap(([stack, values]) =>
      Object.entries(values)
        .filter(([name]) => !name.startsWith(BETWEEN_STACKS))
        .map(([name, value]) => [name, html`<code>${value}</code>`, stack]),
    ),
    'The stacks have no outputs.',
  );
}
