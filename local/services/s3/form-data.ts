import { AwsError } from '../../aws';
import { ByteReader } from './byte-reader';

const MOST_FIELD_BYTES = 20 * 1024;

export interface UploadForm {
  /** The fields before the file, their names in lower case. */
  readonly fields: ReadonlyMap<string, string>;
  readonly filename: string;
  /** The file's bytes, read from the request as they are asked for. */
  readonly content: AsyncIterable<Buffer>;
}

/** Reads a multipart/form-data body up to its part `file`. As in S3, whatever follows the file is ignored. */
export async function readUploadForm(contentType: string, body: AsyncIterable<Buffer>): Promise<UploadForm> {
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  if (boundary === null) throw malformed('The content type names no boundary');
  const delimiter = Buffer.from(`\r\n--${boundary[1] ?? boundary[2]}`);
  // The first boundary has no line end before it; giving it one leaves a single delimiter to look for.
  const reader = new ByteReader(prefixed(body));
  await textOf(reader.until(delimiter), MOST_FIELD_BYTES);

  const fields = new Map<string, string>();
  let left = MOST_FIELD_BYTES;
  while ((await reader.line()) === '') {
    const { name, filename } = await readPartHeaders(reader);
    if (name === 'file') return { fields, filename, content: reader.until(delimiter) };
    const value = await textOf(reader.until(delimiter), left);
    left -= value.length;
    fields.set(name, value);
  }
  throw new AwsError('InvalidArgument', 'POST requires exactly one file upload per request.');
}

async function readPartHeaders(reader: ByteReader): Promise<{ name: string; filename: string }> {
  let disposition = '';
  for (let line = await reader.line(); line !== ''; line = await reader.line()) {
    if (/^content-disposition:/i.test(line)) disposition = line;
  }
  const name = /;\s*name="([^"]*)"/i.exec(disposition)?.[1];
  if (name === undefined) throw malformed('A part of the form has no name');
  return { name: name.toLowerCase(), filename: /;\s*filename="([^"]*)"/i.exec(disposition)?.[1] ?? '' };
}

async function textOf(parts: AsyncIterable<Buffer>, most: number): Promise<string> {
  const kept: Buffer[] = [];
  let length = 0;
  for await (const part of parts) {
    length += part.length;
    if (length > most) {
      throw new AwsError('MaxPostPreDataLengthExceeded', 'The fields before the file are too large.');
    }
    kept.push(part);
  }
  return Buffer.concat(kept).toString();
}

async function* prefixed(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield Buffer.from('\r\n');
  yield* body;
}

const malformed = (message: string) => new AwsError('MalformedPOSTRequest', message);
