import * as z from 'zod';
import type { MessageSummary } from '../services/sqs';
import { type Html, html } from './html';
import type { Page } from './page';
import { type ShownPlatform, stacksOf } from './shown-platform';
import { badge, table } from './table';
import { counted, lastPartOf, moment, oldestAge, resourceName, shortened } from './text';

const MOST_MESSAGES = 100;
const MOST_CHARACTERS = 500;

const moveTasks = z.object({
  Results: z.array(
    z.object({
      Status: z.string(),
      ApproximateNumberOfMessagesMoved: z.number(),
      ApproximateNumberOfMessagesToMove: z.number(),
      FailureReason: z.string().optional(),
      StartedTimestamp: z.number(),
    }),
  ),
});

/** The messages of a queue, looked at without receiving them. */
export async function queuePage(platform: ShownPlatform, name: string): Promise<Page | undefined> {
  const { sqs } = platform.services;
  const queue = sqs.queues().find((candidate) => candidate.name === name);
  if (queue === undefined) return undefined;
  const stacks = stacksOf(platform);
  const { visible, inFlight, delayed, oldestAgeSeconds, redrive, deadLetterSources } = queue;
  const messages = sqs.messages(name);
  return {
    title: name,
    live: true,
    main: html`<main class="plain">
<h1>Queue ${resourceName(name, stacks)} ${deadLetterSources.length > 0 && badge('dead letters', 'quiet')}</h1>
<dl>
<dt>Messages</dt><dd>${visible} visible, ${inFlight} in flight, ${delayed} delayed</dd>
<dt>Oldest</dt><dd>${oldestAge(oldestAgeSeconds)}</dd>
${
  redrive &&
  html`<dt>Dead letters</dt><dd>${queueLink(lastPartOf(redrive.deadLetterTargetArn), stacks)} after ${counted(redrive.maxReceiveCount, 'receive')}</dd>\n`
}${
  deadLetterSources.length > 0 &&
  html`<dt>Comes from</dt><dd>${deadLetterSources.map((source) => html`${queueLink(source, stacks)} `)}</dd>\n`
}</dl>
${deadLetterSources.length > 0 && (await redriveForm(platform, queue.arn, name, visible))}
${table(
  ['Message', 'State', { number: 'Receives' }, 'Sent', 'Body'],
  messages
    .slice(0, MOST_MESSAGES)
    .map((message) => [
      html`<code class="id">${message.id}</code>`,
      stateOf(message),
      message.receiveCount,
      moment(message.sentAt),
      contentOf(message),
    ]),
  'The queue is empty.',
)}
${messages.length > MOST_MESSAGES && html`<p>The first ${MOST_MESSAGES} of ${messages.length} messages.</p>`}
</main>`,
  };
}

const queueLink = (name: string, stacks: readonly string[]): Html =>
  html`<a href="/queues/${encodeURIComponent(name)}">${resourceName(name, stacks)}</a>`;

function stateOf({ state, visibleAt }: MessageSummary): Html {
  if (state === 'visible') return badge('visible', 'good');
  const until = html`<br><span class="aside">until ${moment(visibleAt)}</span>`;
  return html`${state === 'inFlight' ? badge('in flight', 'warning') : badge('delayed', 'quiet')}${until}`;
}

function contentOf({ body, attributes, groupId, deadLetterSourceArn }: MessageSummary): Html {
  const details = [
    ...(deadLetterSourceArn === undefined ? [] : [['from', lastPartOf(deadLetterSourceArn)] as const]),
    ...(groupId === undefined ? [] : [['group', groupId] as const]),
    ...Object.entries(attributes).map(
      ([name, { StringValue }]) => [name, StringValue ?? '(binary)'] as const,
    ),
  ];
  return html`<pre>${shortened(body, MOST_CHARACTERS)}</pre>${details.map(
    ([name, value]) => html`<div class="aside">${name}: ${shortened(value, MOST_CHARACTERS)}</div>`,
  )}`;
}

async function redriveForm(
  { services }: ShownPlatform,
  SourceArn: string,
  name: string,
  visible: number,
): Promise<Html> {
  const { Results } = moveTasks.parse(
    await services.sqs.call('ListMessageMoveTasks', { SourceArn, MaxResults: 1 }),
  );
  const [latest] = Results;
  return html`<form method="post" action="/queues/${encodeURIComponent(name)}/redrive">
<button${visible === 0 && html` disabled`}>Move visible messages back to where they came from</button>
${
  latest &&
  html`<span class="aside">Latest at ${moment(latest.StartedTimestamp)}: ${latest.ApproximateNumberOfMessagesMoved} of ${latest.ApproximateNumberOfMessagesToMove} moved${
    latest.FailureReason !== undefined && ` (${latest.FailureReason})`
  }</span>`
}
</form>`;
}
