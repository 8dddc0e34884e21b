import type { Lot, Part } from '../domain/lot';
import { keyReader, type ReadLine } from '../domain/read-key';
import { RecordSplitter } from '../domain/record-splitter';
import type { ImportPorts } from './import-ports';

/** The lines of one part, the same each time; undefined if the upload is gone. */
export async function readLines(
  { uploads }: Pick<ImportPorts, 'uploads'>,
  lot: Lot,
  part: Part,
): Promise<ReadLine[] | undefined> {
  const upload = await uploads.read(lot, part);
  if (upload === undefined) return undefined;
  const read = keyReader(lot.format, { at: lot.startedAt ?? lot.createdAt, expiresAt: lot.expiresAt });
  const splitter = new RecordSplitter(
    { ...lot.format, headerLines: 0 },
    { byte: part.byteStart, line: part.firstLine },
  );
  const lines: ReadLine[] = [];
  for await (const chunk of upload) {
    for (const record of splitter.push(chunk)) lines.push(read(record));
  }
  for (const record of splitter.end()) lines.push(read(record));
  if (lines.length !== part.lines) throw new Error('the upload is not the one that was divided');
  return lines;
}
