import { environment } from '../../contract/environment';
import { importMessage, MAX_IMPORT_LINES, MAX_PART_LINES } from '../../contract/imports';
import { kms } from '../../runtime/aws/kms';
import { s3 } from '../../runtime/aws/s3';
import { sqs } from '../../runtime/aws/sqs';
import { table } from '../../runtime/aws/table';
import { fromEnvironment } from '../../runtime/environment';
import { queueHandler } from '../../runtime/queue-handler';
import { randomId } from '../../runtime/random-id';
import { DerivedMacs } from '../../store/derived-mac';
import { DynamoDbFingerprintStore } from '../adapters/dynamodb-fingerprint-store';
import { DynamoDbLiveSegments } from '../adapters/dynamodb-live-segments';
import { DynamoDbLotStore } from '../adapters/dynamodb-lot-store';
import { DynamoDbPartStore } from '../adapters/dynamodb-part-store';
import { DynamoDbPoolStore } from '../adapters/dynamodb-pool-store';
import { DynamoDbSecretStore } from '../adapters/dynamodb-secret-store';
import { DynamoDbSegmentWriter } from '../adapters/dynamodb-segment-writer';
import { DynamoDbSlotWriter } from '../adapters/dynamodb-slot-writer';
import { KmsSecretSealer } from '../adapters/kms-secret-sealer';
import { MacFingerprinter } from '../adapters/mac-fingerprinter';
import { S3UploadStore } from '../adapters/s3-upload-store';
import { S3VerdictStore } from '../adapters/s3-verdict-store';
import { SqsImportQueue } from '../adapters/sqs-import-queue';
import { doImportTask } from '../app/do-import-task';

function wire() {
  const vault = table('vault');
  const bucket = fromEnvironment(environment.filesBucket);
  return {
    lots: new DynamoDbLotStore(vault),
    parts: new DynamoDbPartStore(vault),
    fingerprints: new DynamoDbFingerprintStore(vault),
    fingerprinter: new MacFingerprinter(new DerivedMacs(kms(), fromEnvironment(environment.macKey))),
    slots: new DynamoDbSlotWriter(vault),
    secrets: new DynamoDbSecretStore(table('secrets')),
    segments: new DynamoDbSegmentWriter(vault),
    live: new DynamoDbLiveSegments(vault),
    pools: new DynamoDbPoolStore(vault),
    sealer: new KmsSecretSealer(kms(), fromEnvironment(environment.cardKeysKey)),
    uploads: new S3UploadStore(s3(), bucket),
    verdicts: new S3VerdictStore(s3(), bucket),
    queue: new SqsImportQueue(sqs(), fromEnvironment(environment.importQueue)),
    randomId,
    clock: () => new Date(),
    limits: { lines: MAX_IMPORT_LINES, partLines: MAX_PART_LINES },
  };
}

export const handler = queueHandler(importMessage, wire, (message, ports) => doImportTask(ports, message));
