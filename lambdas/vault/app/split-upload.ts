import { toInstant } from '../../kernel/time';
import type { Lot, LotRef } from '../domain/lot';
import { RecordSplitter } from '../domain/record-splitter';
import { foreignFile, UploadDivision } from '../domain/upload-division';
import { type AdvancePorts, advanceImport } from './advance-import';
import type { ImportPorts } from './import-ports';

/** Divides an upload into parts, or refuses it whole, before any of its keys is claimed. */
export async function splitUpload(
  ports: AdvancePorts & Pick<ImportPorts, 'limits'>,
  ref: LotRef,
): Promise<void> {
  const lot = await ports.lots.find(ref);
  if (lot?.status === 'splitting') await divide(ports, lot);
  await advanceImport(ports, ref);
}

async function divide(
  ports: Pick<ImportPorts, 'lots' | 'parts' | 'uploads' | 'clock' | 'limits'>,
  lot: Lot,
): Promise<void> {
  const splitter = new RecordSplitter(lot.format);
  const division = new UploadDivision(ports.limits.partLines);
  const failure = await readUpload(ports, lot, splitter, division);
  if (failure !== undefined) {
    await ports.lots.refuse(lot, failure, toInstant(ports.clock()));
    return;
  }
  const { parts, lines } = division;
  await ports.parts.createAll(lot.lotId, parts);
  const { blank, header } = splitter;
  await ports.lots.beginClaiming(lot, { parts: parts.length, lines, blank, header });
}

/** Reads once, from front to end. Answers why the upload is refused, if it is. */
async function readUpload(
  { uploads, limits }: Pick<ImportPorts, 'uploads' | 'limits'>,
  lot: Lot,
  splitter: RecordSplitter,
  division: UploadDivision,
): Promise<string | undefined> {
  const upload = await uploads.read(lot);
  if (upload === undefined) return UPLOAD_GONE;
  let isBeginning = true;
  for await (const chunk of upload) {
    const failure = isBeginning ? foreignFile(chunk) : undefined;
    if (failure !== undefined) return failure;
    isBeginning = false;
    for (const record of splitter.push(chunk)) division.add(record);
    if (division.lines > limits.lines) return tooManyLines(limits.lines);
  }
  for (const record of splitter.end()) division.add(record);
  return division.lines > limits.lines ? tooManyLines(limits.lines) : undefined;
}

export const UPLOAD_GONE = 'The uploaded file is no longer there. Upload it again.';

const tooManyLines = (most: number): string =>
  `The file has more than ${most} lines. Cut it into smaller files and import each.`;
