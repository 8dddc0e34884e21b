import '../support/loud-log';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import { queueHandler } from '../../lambdas/runtime/queue-handler';
import { scheduleHandler } from '../../lambdas/runtime/schedule-handler';
import { taskHandler } from '../../lambdas/runtime/task-handler';
import { lambdaContext } from '../support/api-event';
import { captureOutput } from '../support/captured-output';

const schema = z.object({ orderId: z.string() });

const eventOf = (...bodies: string[]): SQSEvent => ({
  Records: bodies.map((body, i) => ({ messageId: `message-${i}`, body }) as SQSRecord),
});
const message = (orderId: string) => JSON.stringify({ orderId });

let output: ReturnType<typeof captureOutput>;
beforeEach(() => {
  output = captureOutput();
});
afterEach(() => output.restore());

describe('a function on a queue', () => {
  function aWorker() {
    const done: string[] = [];
    const handler = queueHandler(
      schema,
      () => ({}),
      async ({ orderId }) => {
        if (orderId.startsWith('bad')) throw Object.assign(new Error('not this one'), { Item: 'XQ4T-77AB' });
        done.push(orderId);
      },
    );
    return { done, handler };
  }

  test('works on every message of a batch', async () => {
    const { done, handler } = aWorker();
    const event = eventOf(message('a'), message('b'), message('c'));
    expect(await handler(event, lambdaContext)).toEqual({ batchItemFailures: [] });
    expect(done.toSorted()).toEqual(['a', 'b', 'c']);
  });

  test('fails the bad messages of a batch and none else', async () => {
    const { done, handler } = aWorker();
    const event = eventOf(message('a'), message('bad'), 'not JSON', '{"order":"b"}', message('c'));
    expect(await handler(event, lambdaContext)).toEqual({
      batchItemFailures: ['message-1', 'message-2', 'message-3'].map((itemIdentifier) => ({
        itemIdentifier,
      })),
    });
    expect(done.toSorted()).toEqual(['a', 'c']);
  });

  test('says nothing when there is nothing to say', async () => {
    const { handler } = aWorker();
    await handler(eventOf(message('a')), lambdaContext);
    expect(output.text()).toBe('');
  });

  test('fails all of them when it cannot be wired, and works when it can', async () => {
    let broken = true;
    const handler = queueHandler(
      schema,
      () => {
        if (broken) throw new Error('no environment');
        return {};
      },
      async () => {},
    );
    const event = eventOf(message('a'), message('b'));
    expect((await handler(event, lambdaContext)).batchItemFailures).toHaveLength(2);
    broken = false;
    expect((await handler(event, lambdaContext)).batchItemFailures).toEqual([]);
  });

  test('logs which message failed and why, but nothing that the error carries', async () => {
    const { handler } = aWorker();
    await handler(eventOf(message('bad')), lambdaContext);
    expect(output.text()).toContain('message-0');
    expect(output.text()).toContain('not this one');
    expect(output.text()).not.toContain('XQ4T-77AB');
  });
});

describe('a function that is waited for', () => {
  test('answers its result', async () => {
    const handler = taskHandler(
      schema,
      () => ({ suffix: '!' }),
      async ({ orderId }, { suffix }) => orderId + suffix,
    );
    expect(await handler({ orderId: 'a' }, lambdaContext)).toBe('a!');
  });

  test('fails by the name of the error, for whoever decides what to do by it', async () => {
    class DeliveryInProgress extends Error {
      override readonly name = 'DeliveryInProgress';
    }
    const handler = taskHandler(
      schema,
      () => ({}),
      async () => Promise.reject(new DeliveryInProgress()),
    );
    await expect(handler({ orderId: 'a' }, lambdaContext)).rejects.toMatchObject({
      name: 'DeliveryInProgress',
    });
  });

  test.each([undefined, null, {}, { orderId: 1 }])('does nothing with the input %p', async (input) => {
    const seen: unknown[] = [];
    const handler = taskHandler(
      schema,
      () => ({}),
      async (one) => seen.push(one),
    );
    await expect(handler(input, lambdaContext)).rejects.toThrow(z.ZodError);
    expect(seen).toEqual([]);
  });

  test('is wired once', async () => {
    const handler = taskHandler(
      schema,
      () => ({}),
      async (_, ports) => ports,
    );
    const [first, second] = [
      await handler({ orderId: 'a' }, lambdaContext),
      await handler({ orderId: 'b' }, lambdaContext),
    ];
    expect(second).toBe(first);
  });
});

describe('a function that a schedule starts', () => {
  test('logs what it has found', async () => {
    const handler = scheduleHandler(
      () => ({ count: 3 }),
      async ({ count }) => ({ OverdueOrders: count, UnreleasedOrders: 0 }),
    );
    await handler({}, lambdaContext);
    expect(output.text()).toContain('"findings":{"OverdueOrders":3,"UnreleasedOrders":0}');
  });

  test('fails when its work fails, so that the alarm sees it', async () => {
    const handler = scheduleHandler(
      () => ({}),
      async () => Promise.reject(new Error('no table')),
    );
    await expect(handler({}, lambdaContext)).rejects.toThrow('no table');
  });
});
