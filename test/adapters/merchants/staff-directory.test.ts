import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { DynamoDbStaffDirectory } from '../../../lambdas/merchants';
import type { StaffDirectory } from '../../../lambdas/merchants/app/ports';
import { MemoryStaffDirectory } from '../../support/memory-merchants';
import { createTable } from '../../support/tables';

interface Kind {
  readonly directory: StaffDirectory;
  readonly disable: (merchantId: string, staffId: string) => Promise<void>;
}

const kinds: Record<string, () => Promise<Kind>> = {
  'in memory': async () => {
    const directory = new MemoryStaffDirectory();
    const disable = async (merchantId: string, staffId: string) => {
      const record = directory.records.get(`${merchantId} ${staffId}`);
      if (record) record.disabled = true;
    };
    return { directory, disable };
  },
  'on DynamoDB': async () => {
    const table = await createTable('merchants');
    const disable = async (merchantId: string, staffId: string) => {
      await table.client.send(
        new UpdateCommand({
          TableName: table.tableName,
          Key: { pk: `merchant#${merchantId}`, sk: `staff#${staffId}` },
          UpdateExpression: 'SET disabled = :yes',
          ExpressionAttributeValues: { ':yes': true },
        }),
      );
    };
    return { directory: new DynamoDbStaffDirectory(table), disable };
  },
};

const member = {
  merchantId: 'mer_0000000001',
  staffId: 'sub-1',
  email: 'owner@example.com',
  role: 'owner',
} as const;

describe.each(Object.entries(kinds))('the staff directory %s', (_where, open) => {
  test('knows whom it has admitted, for that merchant alone', async () => {
    const { directory } = await open();
    expect(await directory.admit(member)).toBe('admitted');
    expect(await directory.findActive(member.merchantId, 'sub-1')).toEqual(member);
    expect(await directory.findActive('mer_0000000002', 'sub-1')).toBeUndefined();
    expect(await directory.findActive(member.merchantId, 'sub-2')).toBeUndefined();
  });

  test('does not know a disabled member, who is not admitted a second time', async () => {
    const { directory, disable } = await open();
    await directory.admit(member);
    await disable(member.merchantId, 'sub-1');
    expect(await directory.findActive(member.merchantId, 'sub-1')).toBeUndefined();
    expect(await directory.admit(member)).toBe('already_there');
    expect(await directory.findActive(member.merchantId, 'sub-1')).toBeUndefined();
  });

  test('leaves the role of a standing member as it is', async () => {
    const { directory } = await open();
    await directory.admit(member);
    expect(await directory.admit({ ...member, role: 'support' })).toBe('already_there');
    expect(await directory.findActive(member.merchantId, 'sub-1')).toEqual(member);
  });
});
