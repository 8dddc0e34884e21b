import { Validations } from 'aws-cdk-lib';
import { environment } from '../../lambdas/contract/environment';
import { importFolders } from '../../lambdas/contract/imports';
import type { DataStack } from '../stacks/data';
import type { ServiceFunction } from './service-function';

/*
 * What several functions need alike. The orders table is granted apart: who may read an order is not always who
 * may move it.
 */

/** Holds keys for orders, sells and releases them. */
export function grantSaleOfKeys({ tables }: DataStack, fn: ServiceFunction): void {
  tables.vault.grant(fn, 'GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem');
  tables.guards.grant(fn, 'GetItem', 'PutItem');
}

/** Gives the keys of ended orders back. */
export function grantReleaseOfKeys({ tables }: DataStack, fn: ServiceFunction): void {
  tables.vault.grant(fn, 'GetItem', 'PutItem', 'UpdateItem');
  tables.guards.grant(fn, 'GetItem', 'PutItem');
}

/** What a function may do with the files of each folder. */
export type FileActions = Partial<Record<keyof typeof importFolders, readonly ('Get' | 'Put' | 'Delete')[]>>;

/**
 * Tells a function the bucket and lets it do exactly these operations on the files of these folders. It may list
 * the bucket too: without that S3 answers 403 for a file that is not there.
 */
export function grantFiles(data: DataStack, fn: ServiceFunction, folders: FileActions): void {
  fn.function.addEnvironment(environment.filesBucket, data.files.bucketName);
  fn.allow([data.files.bucketArn], ['s3:ListBucket']);
  const imported: { 'Fn::ImportValue': string } = data.resolve(data.exportValue(data.files.bucketArn));
  for (const [folder, actions] of Object.entries(folders)) {
    const files = `${importFolders[folder as keyof typeof importFolders]}/*`;
    fn.allow(
      [data.files.arnForObjects(files)],
      actions.map((action) => `s3:${action}Object`),
    );
    Validations.of(fn).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${imported['Fn::ImportValue']}/${files}]`,
      reason: 'Files have names of their own: the grant is on those of one folder of the one bucket.',
    });
  }
  fn.allowKeyThrough(data.storageKey.keyArn, ['s3'], ['kms:Decrypt', 'kms:GenerateDataKey']);
}
