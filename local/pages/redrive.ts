import type { IncomingMessage } from 'node:http';
import { AwsError } from '../aws';
import { notice, type Page } from './page';
import type { ShownPlatform } from './shown-platform';

/**
 * Sends the messages of a dead-letter queue back to where they came from. Answers where to go next, or the page that
 * says why not; undefined without such a queue. Only a form of these pages may ask for it.
 */
export async function redrive(
  { services: { sqs } }: ShownPlatform,
  name: string,
  request: IncomingMessage,
): Promise<{ location: string } | Page | undefined> {
  // The form has no fields.
  request.resume();
  const { origin, host } = request.headers;
  if (host === undefined || origin !== `http://${host}`) {
    return notice(403, 'Refused', 'Only a page of this address may ask for that.');
  }
  const queue = sqs.queues().find((candidate) => candidate.name === name);
  if (queue === undefined) return undefined;
  try {
    await sqs.call('StartMessageMoveTask', { SourceArn: queue.arn });
  } catch (error) {
    if (error instanceof AwsError) return notice(error.status, 'Not moved', error.message);
    throw error;
  }
  return { location: `/queues/${encodeURIComponent(name)}` };
}
