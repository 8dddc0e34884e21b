import { randomUUID } from 'node:crypto';
import type { Table } from '../../../lambdas/store/table';
import { DynamoDbHintStore } from '../../../lambdas/vault/adapters/dynamodb-hint-store';
import { DynamoDbLiveSegments } from '../../../lambdas/vault/adapters/dynamodb-live-segments';
import { DynamoDbPoolStore } from '../../../lambdas/vault/adapters/dynamodb-pool-store';
import { LIVE_SHARDS, type LiveSegment } from '../../../lambdas/vault/app/ports';
import { poolOf } from '../../../lambdas/vault/domain/segment';
import { settableClock } from '../../support/settable-clock';
import { createTable } from '../../support/tables';

/** The lists that lead to what may be sold: each a set of rows with revisions. */

let table: Table;
beforeAll(async () => {
  table = await createTable('vault');
});

const newSegmentId = () => `seg_${randomUUID()}`;

describe('hints', () => {
  const hints = () => new DynamoDbHintStore(table);

  async function pushed(count: number) {
    const segmentId = newSegmentId();
    for (let index = 0; index < count; index += 1) await hints().push({ segmentId, index });
    return segmentId;
  }

  test('all of a segment are taken, each once, however often they were pushed', async () => {
    const segmentId = await pushed(5);
    await hints().push({ segmentId, index: 3 });
    await pushed(2);
    const taken = await hints().take(segmentId, 50);
    expect(taken.map(({ index }) => index).toSorted()).toEqual([0, 1, 2, 3, 4]);
    expect(taken.every((hint) => hint.segmentId === segmentId)).toBe(true);
  });

  test('as many are taken as are asked for, wherever the start falls', async () => {
    const segmentId = await pushed(4);
    for (let i = 0; i < 20; i += 1) {
      const taken = await hints().take(segmentId, 3);
      expect(new Set(taken.map(({ index }) => index)).size).toBe(3);
    }
    expect(await hints().take(newSegmentId(), 3)).toEqual([]);
  });

  test('buyers who take at the same time meet different ones', async () => {
    const segmentId = await pushed(10);
    const first = new Set<number>();
    for (let i = 0; i < 40; i += 1) {
      for (const { index } of await hints().take(segmentId, 1)) first.add(index);
    }
    // Always the same one of ten, forty times over, were a chance of 10 to the power of -39.
    expect(first.size).toBeGreaterThan(1);
  });

  test('a removal decided on older facts does not happen', async () => {
    const segmentId = await pushed(1);
    const [old] = await hints().take(segmentId, 1);
    if (old === undefined) throw new Error('no hint');
    await hints().push(old);
    await hints().remove(old);
    const [stands] = await hints().take(segmentId, 1);
    expect(stands).toMatchObject({ segmentId, index: 0 });
    if (stands) await hints().remove(stands);
    expect(await hints().take(segmentId, 1)).toEqual([]);
    await hints().remove(old);
  });

  test('the sweeper sees all of them, page by page', async () => {
    const segmentId = newSegmentId();
    await Promise.all(Array.from({ length: 130 }, (_, index) => hints().push({ segmentId, index })));
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await hints().page(segmentId, cursor);
      seen.push(...page.hints.map(({ index }) => index));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 130 }, (_, i) => i));
  });
});

describe('pools', () => {
  const START = '2026-01-31T08:00:00.000Z';
  const DAYS = ['2026-02-01', '2026-02-02', '2026-02-03'].map((day) => `${day}T00:00:00.000Z`);

  function aPool() {
    const { clock, advance } = settableClock(START);
    const store = () => new DynamoDbPoolStore(table, () => clock().getTime());
    return { pool: poolOf(`sku_${randomUUID()}`), pools: store(), elsewhere: store(), advance };
  }

  test('rows come by expiry, earliest first, without those that end too soon', async () => {
    const { pool, pools } = aPool();
    for (const expiresAt of DAYS.toReversed())
      await pools.put(pool, { segmentId: newSegmentId(), expiresAt });
    expect((await pools.rows(pool, START)).rows.map(({ expiresAt }) => expiresAt)).toEqual(DAYS);
    const rest = await pools.rows(pool, DAYS[0] ?? '');
    expect(rest.rows.map(({ expiresAt }) => expiresAt)).toEqual(DAYS.slice(1));
  });

  test('a pool shows nothing of another', async () => {
    const [one, other] = [aPool(), aPool()];
    await one.pools.put(one.pool, { segmentId: newSegmentId(), expiresAt: DAYS[0] ?? '' });
    expect(await one.pools.rows(other.pool, START)).toEqual({ rows: [] });
  });

  test('what another function adds is seen after a second', async () => {
    const { pool, pools, elsewhere, advance } = aPool();
    expect(await pools.rows(pool, START)).toEqual({ rows: [] });
    const segmentId = newSegmentId();
    await elsewhere.put(pool, { segmentId, expiresAt: DAYS[0] ?? '' });
    advance(1000);
    expect((await pools.rows(pool, START)).rows).toMatchObject([{ segmentId }]);
  });

  test('a removal decided on older facts does not happen', async () => {
    const { pool, pools, elsewhere, advance } = aPool();
    const segment = { segmentId: newSegmentId(), expiresAt: DAYS[0] ?? '' };
    await pools.put(pool, segment);
    const [old] = (await pools.rows(pool, START)).rows;
    if (old === undefined) throw new Error('no row');
    await elsewhere.put(pool, segment);
    await pools.remove(pool, old);
    const [stands] = (await pools.rows(pool, START)).rows;
    expect(stands).toMatchObject(segment);
    if (stands) await pools.remove(pool, stands);
    advance(1000);
    expect(await pools.rows(pool, START)).toEqual({ rows: [] });
  });

  test('a large pool is read page by page', async () => {
    const { pool, pools } = aPool();
    const segments = Array.from({ length: 130 }, (_, i) => ({
      segmentId: newSegmentId(),
      expiresAt: DAYS[i % 3] ?? '',
    }));
    await Promise.all(segments.map((segment) => pools.put(pool, segment)));
    const first = await pools.rows(pool, START);
    expect(first.next).toBeDefined();
    const second = await pools.rows(pool, START, first.next);
    expect(second.next).toBeUndefined();
    const rows = [...first.rows, ...second.rows];
    expect(rows.map(({ segmentId }) => segmentId).toSorted()).toEqual(
      segments.map(({ segmentId }) => segmentId).toSorted(),
    );
    expect(rows.map(({ expiresAt }) => expiresAt)).toEqual(rows.map(({ expiresAt }) => expiresAt).toSorted());
  });
});

describe('live segments', () => {
  const live = () => new DynamoDbLiveSegments(table);

  async function all(): Promise<LiveSegment[]> {
    const rows: LiveSegment[] = [];
    for (let shard = 0; shard < LIVE_SHARDS; shard += 1) {
      let cursor: string | undefined;
      do {
        const page = await live().page(shard, cursor);
        rows.push(...page.rows);
        cursor = page.next;
      } while (cursor !== undefined);
    }
    return rows;
  }
  const rowOf = async (segmentId: string) => (await all()).filter((row) => row.segmentId === segmentId);

  test('each is listed once, however often it was added', async () => {
    const ids = Array.from({ length: 20 }, newSegmentId);
    for (const id of [...ids, ...ids]) await live().add(id);
    const listed = (await all()).map(({ segmentId }) => segmentId).filter((id) => ids.includes(id));
    expect(listed.toSorted()).toEqual(ids.toSorted());
  });

  test('a removal decided on older facts does not happen', async () => {
    const segmentId = newSegmentId();
    await live().add(segmentId);
    const [old] = await rowOf(segmentId);
    if (old === undefined) throw new Error('no row');
    await live().add(segmentId);
    await live().remove(old);
    const [stands] = await rowOf(segmentId);
    expect(stands).toBeDefined();
    if (stands) await live().remove(stands);
    expect(await rowOf(segmentId)).toEqual([]);
  });
});
