import { DynamoDbFingerprintStore } from '../../../lambdas/vault/adapters/dynamodb-fingerprint-store';
import type { FingerprintStore } from '../../../lambdas/vault/app/import-ports';
import { MemoryFingerprintStore } from '../../support/memory-imports';
import { createTable } from '../../support/tables';

const claim = (fingerprint: string, line: number) => ({ fingerprint, line });

describe.each([
  ['in memory', async (): Promise<FingerprintStore> => new MemoryFingerprintStore()],
  [
    'on DynamoDB',
    async (): Promise<FingerprintStore> => new DynamoDbFingerprintStore(await createTable('vault')),
  ],
])('a fingerprint store %s', (_, open) => {
  let store: FingerprintStore;
  beforeEach(async () => {
    store = await open();
  });

  test('the earliest line of a lot owns a key, whatever the order of claims', async () => {
    expect(await store.claimAll('lot_a', [claim('x', 5)])).toEqual(['claimed']);
    expect(await store.claimAll('lot_a', [claim('x', 9), claim('y', 1)])).toEqual([
      'earlier_line',
      'claimed',
    ]);
    expect(await store.claimAll('lot_a', [claim('x', 2)])).toEqual(['claimed']);
    expect(await store.owners(['x', 'x', 'y', 'z'])).toEqual(
      new Map([
        ['x', { lotId: 'lot_a', line: 2 }],
        ['y', { lotId: 'lot_a', line: 1 }],
      ]),
    );
  });

  test('of lines that claim at once, the earliest wins', async () => {
    const lines = [8, 3, 5, 1, 9, 4];
    await store.claimAll(
      'lot_a',
      lines.map((line) => claim('x', line)),
    );
    expect(await store.owners(['x'])).toEqual(new Map([['x', { lotId: 'lot_a', line: 1 }]]));
  });

  test('a line that claims again is not its own duplicate', async () => {
    await store.claimAll('lot_a', [claim('x', 5)]);
    expect(await store.claimAll('lot_a', [claim('x', 5)])).toEqual(['claimed']);
  });

  test('no line takes a key from another lot, and no lot frees another’s', async () => {
    await store.claimAll('lot_a', [claim('x', 5)]);
    expect(await store.claimAll('lot_b', [claim('x', 1)])).toEqual(['taken']);
    await store.freeAll('lot_b', ['x', 'unknown']);
    expect(await store.claimAll('lot_b', [claim('x', 1)])).toEqual(['taken']);
    await store.freeAll('lot_a', ['x', 'x']);
    expect(await store.claimAll('lot_b', [claim('x', 1)])).toEqual(['claimed']);
  });

  test('of many claims at once each stands or loses by itself', async () => {
    await store.claimAll('lot_a', [claim('k7', 1), claim('k150', 2)]);
    await store.claimAll('lot_b', [claim('k8', 3)]);
    const claims = Array.from({ length: 250 }, (_, i) => claim(`k${i}`, i + 10));
    const outcomes = await store.claimAll('lot_b', [...claims, claim('k9', 500)]);
    const expected = claims.map((_, i) =>
      i === 7 || i === 150 ? 'taken' : i === 8 ? 'earlier_line' : 'claimed',
    );
    expect(outcomes).toEqual([...expected, 'earlier_line']);
    expect((await store.owners(['k0', 'k7', 'k249'])).get('k249')).toEqual({ lotId: 'lot_b', line: 259 });
  });

  test('notes tell what a part claims until they are forgotten', async () => {
    await store.note({ lotId: 'lot_a', part: 1 }, ['x', 'y']);
    expect(await store.noted({ lotId: 'lot_a', part: 1 })).toEqual(['x', 'y']);
    expect(await store.noted({ lotId: 'lot_a', part: 2 })).toEqual([]);
    await store.forgetNotes('lot_a', [1, 2]);
    expect(await store.noted({ lotId: 'lot_a', part: 1 })).toEqual([]);
  });
});
