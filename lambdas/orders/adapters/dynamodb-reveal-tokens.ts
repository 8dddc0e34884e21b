import { createHash, randomBytes } from 'node:crypto';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { epochSeconds, type Instant } from '../../kernel/time';
import { remove } from '../../store/conditional-write';
import type { Table } from '../../store/table';
import type { RevealTokens } from '../app/ports';

/**
 * Table `guards`, rows with a time to live. The row's key is the token's digest: who reads the table cannot use it.
 *
 * | access pattern                  | key                            | index |
 * |---------------------------------|--------------------------------|-------|
 * | redeem a token, once            | pk reveal#<digest of the token> | -    |
 */
export class DynamoDbRevealTokens implements RevealTokens {
  constructor(private readonly table: Table) {}

  async issue(orderId: string, expiresAt: Instant): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    await this.table.client.send(
      new PutCommand({
        TableName: this.table.tableName,
        Item: { ...tokenKey(token), orderId, expiresAt, expiresAtSeconds: epochSeconds(expiresAt) },
      }),
    );
    return token;
  }

  async redeem(token: string, orderId: string, now: Instant): Promise<boolean> {
    const ofThisOrder = 'orderId = :orderId';
    const fresh = 'expiresAt > :now';
    const outcome = await remove(this.table, {
      Key: tokenKey(token),
      ConditionExpression: [ofThisOrder, fresh].join(' AND '),
      ExpressionAttributeValues: { ':orderId': orderId, ':now': now },
    });
    return outcome.won;
  }
}

const tokenKey = (token: string) => ({
  pk: `reveal#${createHash('sha256').update(token).digest('base64url')}`,
});
