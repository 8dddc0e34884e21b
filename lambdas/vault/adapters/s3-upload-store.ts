import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { importFolders, MAX_UPLOAD_BYTES } from '../../contract/imports';
import { plusSeconds } from '../../kernel/time';
import type { UploadForm, UploadStore } from '../app/import-ports';
import type { LotRef } from '../domain/lot';
import type { UploadPart } from '../domain/upload-division';

const FORM_SECONDS = 60 * 60;
const CONTENT_TYPE = 'application/octet-stream';

/** | upload of a lot | key uploads/<merchantId>/<lotId> | */
export class S3UploadStore implements UploadStore {
  constructor(
    private readonly client: S3Client,
    private readonly bucket: string,
  ) {}

  async form(ref: LotRef, now: string): Promise<UploadForm> {
    const { url, fields } = await createPresignedPost(this.client, {
      ...this.#object(ref),
      Conditions: [
        ['content-length-range', 1, MAX_UPLOAD_BYTES],
        ['eq', '$Content-Type', CONTENT_TYPE],
      ],
      Fields: { 'Content-Type': CONTENT_TYPE },
      Expires: FORM_SECONDS,
    });
    return { url, fields, maxBytes: MAX_UPLOAD_BYTES, expiresAt: plusSeconds(now, FORM_SECONDS) };
  }

  async put(ref: LotRef, text: string): Promise<void> {
    await this.client.send(
      new PutObjectCommand({ ...this.#object(ref), Body: Buffer.from(text), ContentType: CONTENT_TYPE }),
    );
  }

  async exists(ref: LotRef): Promise<boolean> {
    try {
      await this.client.send(new HeadObjectCommand(this.#object(ref)));
      return true;
    } catch (error) {
      if (error instanceof NotFound) return false;
      throw error;
    }
  }

  async read(
    ref: LotRef,
    range?: Pick<UploadPart, 'byteStart' | 'byteEnd'>,
  ): Promise<AsyncIterable<Uint8Array> | undefined> {
    const Range = range && `bytes=${range.byteStart}-${range.byteEnd - 1}`;
    try {
      const { Body } = await this.client.send(new GetObjectCommand({ ...this.#object(ref), Range }));
      if (!(Body instanceof Readable)) throw new Error('S3 answered no stream');
      return Body;
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  }

  async delete(ref: LotRef): Promise<void> {
    await this.client.send(new DeleteObjectCommand(this.#object(ref)));
  }

  #object({ merchantId, lotId }: LotRef) {
    return { Bucket: this.bucket, Key: `${importFolders.uploads}/${merchantId}/${lotId}` };
  }
}
