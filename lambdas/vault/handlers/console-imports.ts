import { DynamoDbCatalogStore, hasSku } from '../../catalog';
import { environment } from '../../contract/environment';
import { consoleImportRoutes } from '../../contract/imports';
import { DynamoDbStaffDirectory } from '../../merchants';
import { s3 } from '../../runtime/aws/s3';
import { sqs } from '../../runtime/aws/sqs';
import { table } from '../../runtime/aws/table';
import { fromEnvironment } from '../../runtime/environment';
import { staffHttpHandler } from '../../runtime/http-handler';
import { timeOrderedId } from '../../runtime/time-ordered-id';
import { DynamoDbLotStore } from '../adapters/dynamodb-lot-store';
import { DynamoDbPartStore } from '../adapters/dynamodb-part-store';
import { S3UploadStore } from '../adapters/s3-upload-store';
import { S3VerdictStore } from '../adapters/s3-verdict-store';
import { SqsImportQueue } from '../adapters/sqs-import-queue';
import { cancelImport } from '../app/cancel-import';
import { createImport } from '../app/create-import';
import type { SkuDirectory } from '../app/import-ports';
import { linkVerdicts } from '../app/link-verdicts';
import { listImports } from '../app/list-imports';
import { loadImport } from '../app/load-import';
import { pasteImport } from '../app/paste-import';
import { startImport } from '../app/start-import';

const clock = () => new Date();

function wire() {
  const bucket = fromEnvironment(environment.filesBucket);
  return {
    staff: new DynamoDbStaffDirectory(table('merchants')),
    lots: new DynamoDbLotStore(table('vault')),
    parts: new DynamoDbPartStore(table('vault')),
    uploads: new S3UploadStore(s3(), bucket),
    verdicts: new S3VerdictStore(s3(), bucket),
    queue: new SqsImportQueue(sqs(), fromEnvironment(environment.importQueue)),
    skus: skusOf(new DynamoDbCatalogStore(table('catalog'))),
    newId: timeOrderedId(clock),
    clock,
  };
}

const skusOf = (products: Pick<DynamoDbCatalogStore, 'findProduct'>): SkuDirectory => ({
  async hasSku(merchantId, productId, skuId) {
    const product = await products.findProduct(merchantId, productId);
    if (product === undefined) return 'no_product';
    return hasSku(product, skuId) ? 'yes' : 'no_sku';
  },
});

export const handler = staffHttpHandler(consoleImportRoutes, wire, {
  createImport: ({ staff: { merchantId, email }, body }, ports) =>
    createImport(ports, { ...body, merchantId, createdBy: email }),
  pasteImport: ({ staff: { merchantId, email }, body: { text, ...body } }, ports) =>
    pasteImport(ports, { ...body, merchantId, createdBy: email }, text),
  startImport: ({ staff: { merchantId }, params }, ports) => startImport(ports, { merchantId, ...params }),
  cancelImport: ({ staff: { merchantId }, params }, ports) => cancelImport(ports, { merchantId, ...params }),
  listImports: ({ staff: { merchantId }, query }, ports) => listImports(ports, merchantId, query),
  getImport: ({ staff: { merchantId }, params }, ports) => loadImport(ports, { merchantId, ...params }),
  getVerdicts: ({ staff: { merchantId }, params }, ports) => linkVerdicts(ports, { merchantId, ...params }),
});
