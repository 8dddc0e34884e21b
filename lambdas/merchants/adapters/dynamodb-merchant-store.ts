import { ConditionalCheckFailedException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { GetCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { type OrderingSettings, merchant as storedMerchant } from '../../contract/merchants';
import { notFound } from '../../kernel/errors';
import type { Table } from '../../store/table';
import type { MerchantStore, ShopDirectory, SlugClaim } from '../app/ports';
import type { Merchant } from '../domain/merchant';

/*
 * | access pattern               | key                                            | index |
 * |------------------------------|------------------------------------------------|-------|
 * | a merchant                   | pk merchant#<merchantId>, sk merchant          | table |
 * | whom a slug belongs to       | pk slug#<slug>, sk slug                        | table |
 * | a shop by its slug           | the slug's item, then the merchant's           | table |
 * (The staff of a merchant, sk staff#<staffId>: dynamodb-staff-directory.ts.)
 */

const merchantKey = (merchantId: string) => ({ pk: `merchant#${merchantId}`, sk: 'merchant' });
const slugKey = (slug: string) => ({ pk: `slug#${slug}`, sk: 'slug' });

const slugClaim = z.object({ merchantId: z.string(), ownerEmail: z.string() });

const IS_NEW = 'attribute_not_exists(pk)';
const EXISTS = 'attribute_exists(pk)';

export class DynamoDbMerchantStore implements MerchantStore, ShopDirectory {
  constructor(private readonly table: Table) {}

  async findSlugClaim(slug: string): Promise<SlugClaim | undefined> {
    const item = await this.read(slugKey(slug));
    return item && slugClaim.parse(item);
  }

  async findShop(slug: string): Promise<Merchant | undefined> {
    const claim = await this.findSlugClaim(slug);
    return claim && this.loadMerchant(claim.merchantId);
  }

  async loadMerchant(merchantId: string): Promise<Merchant> {
    const item = await this.read(merchantKey(merchantId));
    if (item === undefined) throw notFound('shops.not_found');
    return storedMerchant.parse(item);
  }

  async openMerchant(merchant: Merchant, ownerEmail: string): Promise<'opened' | 'slug_taken'> {
    const { client, tableName: TableName } = this.table;
    const claim = { ...slugKey(merchant.slug), merchantId: merchant.merchantId, ownerEmail };
    const item = { ...merchantKey(merchant.merchantId), ...merchant };
    try {
      await client.send(
        new TransactWriteCommand({
          TransactItems: [
            { Put: { TableName, Item: claim, ConditionExpression: IS_NEW } },
            { Put: { TableName, Item: item, ConditionExpression: IS_NEW } },
          ],
        }),
      );
      return 'opened';
    } catch (error) {
      if (lostTheSlug(error)) return 'slug_taken';
      throw error;
    }
  }

  async changeSettings(merchantId: string, changes: Partial<OrderingSettings>): Promise<Merchant> {
    const { client, tableName: TableName } = this.table;
    const names = Object.keys(changes);
    try {
      const { Attributes } = await client.send(
        new UpdateCommand({
          TableName,
          Key: merchantKey(merchantId),
          UpdateExpression: `SET ${names.map((name) => `settings.#${name} = :${name}`).join(', ')}`,
          ConditionExpression: EXISTS,
          ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
          ExpressionAttributeValues: Object.fromEntries(
            Object.entries(changes).map(([name, value]) => [`:${name}`, value]),
          ),
          ReturnValues: 'ALL_NEW',
        }),
      );
      return storedMerchant.parse(Attributes);
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) throw notFound('shops.not_found');
      throw error;
    }
  }

  private async read(Key: Record<string, string>): Promise<Record<string, unknown> | undefined> {
    const { client, tableName: TableName } = this.table;
    const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
    return Item;
  }
}

/** The claim is the first of the transaction; a conflict there is another call that is claiming the same slug. */
function lostTheSlug(error: unknown): boolean {
  if (!(error instanceof TransactionCanceledException)) return false;
  const code = error.CancellationReasons?.[0]?.Code;
  return code === 'ConditionalCheckFailed' || code === 'TransactionConflict';
}
