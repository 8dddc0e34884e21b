import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import {
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { productContent } from '../../contract/catalog';
import { productId } from '../../contract/values';
import { notFound } from '../../kernel/errors';
import { decodeCursor, encodeCursor } from '../../store/cursor';
import type { Table } from '../../store/table';
import type { Page, PageOf, ProductStore, Shelf, VersionArchive } from '../app/ports';
import {
  type DraftProduct,
  type Product,
  type ProductVersion,
  type PublishedProduct,
  type UnpublishedProduct,
  versionOf,
} from '../domain/product';

/*
 * | access pattern                    | key                                                          | index |
 * |-----------------------------------|--------------------------------------------------------------|-------|
 * | a product                         | pk merchant#<merchantId>, sk <productId>                     | table |
 * | products of a merchant, by age    | pk merchant#<merchantId>, sk descending                      | table |
 * | a version of a product            | pk product#<merchantId>#<productId>, sk version#<00001>      | table |
 * | a product on sale                 | pk shelf#<merchantId>, sk <productId>                        | table |
 * | what a merchant has on sale       | pk shelf#<merchantId>, sk descending                         | table |
 *
 * Product ids begin with the time of their creation, so descending is newest first.
 */

const productPartition = (merchantId: string) => `merchant#${merchantId}`;
const shelfPartition = (merchantId: string) => `shelf#${merchantId}`;

const productKey = (merchantId: string, productId: string) => ({
  pk: productPartition(merchantId),
  sk: productId,
});
const versionKey = (merchantId: string, productId: string, version: number) => ({
  pk: `product#${merchantId}#${productId}`,
  sk: `version#${String(version).padStart(5, '0')}`,
});
const shelfKey = (merchantId: string, productId: string) => ({
  pk: shelfPartition(merchantId),
  sk: productId,
});

const productFacts = {
  merchantId: z.string(),
  productId: z.string(),
  kind: z.literal('card_key'),
  revision: z.int(),
  draft: productContent,
  skuIds: z.array(z.string()),
  createdAt: z.string(),
  updatedAt: z.string(),
};
const onceOnSale = { ...productFacts, publishedVersion: z.int() };
const productItem = z.discriminatedUnion('status', [
  z.object({ ...productFacts, status: z.literal('draft') }),
  z.object({ ...onceOnSale, status: z.literal('published') }),
  z.object({ ...onceOnSale, status: z.literal('unpublished') }),
]);
const versionItem = z.object({ productId: z.string(), version: z.int(), content: productContent });

const IS_NEW = 'attribute_not_exists(pk)';
const IS_THE_REVISION_BEFORE = 'revision = :revisionBefore';

type TransactItems = NonNullable<TransactWriteCommandInput['TransactItems']>;
type Item = Record<string, unknown>;

export class DynamoDbCatalogStore implements ProductStore, VersionArchive, Shelf {
  constructor(private readonly table: Table) {}

  async findProduct(merchantId: string, productId: string): Promise<Product | undefined> {
    const item = await this.read(productKey(merchantId, productId));
    return item && productItem.parse(item);
  }

  listProducts(merchantId: string, page: Page): Promise<PageOf<Product>> {
    return this.list(productPartition(merchantId), page, productItem);
  }

  async loadVersion(merchantId: string, productId: string, version: number): Promise<ProductVersion> {
    const item = await this.read(versionKey(merchantId, productId, version));
    if (item === undefined) throw notFound('catalog.product_not_found');
    return versionItem.parse(item);
  }

  async findOnShelf(merchantId: string, productId: string): Promise<ProductVersion | undefined> {
    const item = await this.read(shelfKey(merchantId, productId));
    return item && versionItem.parse(item);
  }

  listShelf(merchantId: string, page: Page): Promise<PageOf<ProductVersion>> {
    return this.list(shelfPartition(merchantId), page, versionItem);
  }

  async createProduct(product: DraftProduct): Promise<void> {
    const { client, tableName: TableName } = this.table;
    const Item = { ...productKey(product.merchantId, product.productId), ...product };
    await client.send(new PutCommand({ TableName, Item, ConditionExpression: IS_NEW }));
  }

  async replaceDraft(product: Product): Promise<'replaced' | 'revision_changed'> {
    const { client } = this.table;
    try {
      await client.send(new PutCommand(this.nextRevision(product)));
      return 'replaced';
    } catch (error) {
      // The conflict is a publication that is being written; it makes a revision of its own.
      if (error instanceof ConditionalCheckFailedException) return 'revision_changed';
      if (error instanceof TransactionConflictException) return 'revision_changed';
      throw error;
    }
  }

  async putOnSale(product: PublishedProduct): Promise<'on_sale' | 'revision_changed'> {
    const { merchantId, productId, publishedVersion } = product;
    const { tableName: TableName } = this.table;
    const version = versionOf(product);
    const kept = { ...versionKey(merchantId, productId, publishedVersion), ...version };
    const shown = { ...shelfKey(merchantId, productId), ...version };
    const won = await this.transact([
      { Put: this.nextRevision(product) },
      { Put: { TableName, Item: kept, ConditionExpression: IS_NEW } },
      { Put: { TableName, Item: shown } },
    ]);
    return won ? 'on_sale' : 'revision_changed';
  }

  async takeOffSale(product: UnpublishedProduct): Promise<'off_sale' | 'revision_changed'> {
    const { tableName: TableName } = this.table;
    const won = await this.transact([
      { Put: this.nextRevision(product) },
      { Delete: { TableName, Key: shelfKey(product.merchantId, product.productId) } },
    ]);
    return won ? 'off_sale' : 'revision_changed';
  }

  private nextRevision(product: Product) {
    return {
      TableName: this.table.tableName,
      Item: { ...productKey(product.merchantId, product.productId), ...product },
      ConditionExpression: IS_THE_REVISION_BEFORE,
      ExpressionAttributeValues: { ':revisionBefore': product.revision - 1 },
    };
  }

  /** False when the product, which is the first item, has moved on or is just being moved. */
  private async transact(TransactItems: TransactItems): Promise<boolean> {
    try {
      await this.table.client.send(new TransactWriteCommand({ TransactItems }));
      return true;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const code = error.CancellationReasons?.[0]?.Code;
      if (code === 'ConditionalCheckFailed' || code === 'TransactionConflict') return false;
      throw error;
    }
  }

  private async read(Key: Item): Promise<Item | undefined> {
    const { client, tableName: TableName } = this.table;
    const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
    return Item;
  }

  /** One more than the page holds tells whether there are more. Large products end a page early, at 1 MB. */
  private async list<T extends { productId: string }>(
    partition: string,
    { limit, cursor }: Page,
    schema: z.ZodType<T>,
  ): Promise<PageOf<T>> {
    const { client, tableName: TableName } = this.table;
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :partition',
        ExpressionAttributeValues: { ':partition': partition },
        ExclusiveStartKey:
          cursor === undefined ? undefined : { pk: partition, sk: decodeCursor(cursor, productId) },
        ScanIndexForward: false,
        Limit: limit + 1,
      }),
    );
    const items = Items.slice(0, limit).map((item) => schema.parse(item));
    const last = items.at(-1);
    const more = Items.length > limit || LastEvaluatedKey !== undefined;
    return more && last ? { items, nextCursor: encodeCursor(last.productId) } : { items };
  }
}
