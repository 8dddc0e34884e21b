import { DynamoDbRevealLog, type RevealLog, type RevealRecord } from '../../../lambdas/audit';
import { MemoryRevealLog } from '../../support/order-world';
import { createTable } from '../../support/tables';

const aReveal = (changes: Partial<RevealRecord> = {}): RevealRecord => ({
  orderId: 'ord_1',
  at: '2026-01-31T08:00:00.000Z',
  actor: 'buyer',
  address: '203.0.113.7',
  userAgent: 'a browser',
  positions: [1],
  ...changes,
});

const logs: Record<string, () => Promise<RevealLog>> = {
  'in memory': async () => new MemoryRevealLog(),
  'on DynamoDB': async () => new DynamoDbRevealLog(await createTable('audit')),
};

describe.each(Object.entries(logs))('the log of reveals %s', (_where, newLog) => {
  test('answers all of an order, oldest first, and nothing of another', async () => {
    const log = await newLog();
    const times = ['2026-01-31T08:00:00.000Z', '2026-01-31T08:00:00.001Z', '2026-02-01T00:00:00.000Z'];
    const own = times.map((at, i) => aReveal({ at, positions: [i + 1, 7] }));
    for (const reveal of own) await log.record(reveal);
    await log.record(aReveal({ orderId: 'ord_10' }));
    expect(await log.of('ord_1')).toEqual(own);
    expect(await log.of('ord_2')).toEqual([]);
  });

  test('keeps two reveals of one moment', async () => {
    const log = await newLog();
    await Promise.all([log.record(aReveal()), log.record(aReveal())]);
    expect(await log.of('ord_1')).toEqual([aReveal(), aReveal()]);
  });
});
