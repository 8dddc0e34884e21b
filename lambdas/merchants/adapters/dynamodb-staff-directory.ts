import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { role } from '../../contract/staff';
import type { Table } from '../../store/table';
import type { StaffDirectory } from '../app/ports';
import type { StaffMember } from '../domain/merchant';

/*
 * | access pattern               | key                                            | index |
 * |------------------------------|------------------------------------------------|-------|
 * | a member of a merchant       | pk merchant#<merchantId>, sk staff#<staffId>   | table |
 */

const staffKey = (merchantId: string, staffId: string) => ({
  pk: `merchant#${merchantId}`,
  sk: `staff#${staffId}`,
});

const staffItem = z.object({
  merchantId: z.string(),
  staffId: z.string(),
  email: z.string(),
  role,
  disabled: z.boolean(),
});

const IS_NEW = 'attribute_not_exists(pk)';

export class DynamoDbStaffDirectory implements StaffDirectory {
  constructor(private readonly table: Table) {}

  /** Strongly consistent: whoever was disabled is out with the next request. */
  async findActive(merchantId: string, staffId: string): Promise<StaffMember | undefined> {
    const { client, tableName: TableName } = this.table;
    const Key = staffKey(merchantId, staffId);
    const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
    if (Item === undefined) return undefined;
    const { disabled, ...member } = staffItem.parse(Item);
    return disabled ? undefined : member;
  }

  async admit(member: StaffMember): Promise<'admitted' | 'already_there'> {
    const { client, tableName: TableName } = this.table;
    const Item = { ...staffKey(member.merchantId, member.staffId), ...member, disabled: false };
    try {
      await client.send(new PutCommand({ TableName, Item, ConditionExpression: IS_NEW }));
      return 'admitted';
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return 'already_there';
      throw error;
    }
  }
}
