/** What became of a line of an import. */
export type Verdict =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'duplicate_in_file'; readonly firstLine: number }
  | { readonly kind: 'duplicate_in_vault' }
  | { readonly kind: 'malformed'; readonly reason: string };

export interface LineVerdict {
  readonly line: number;
  /** Empty for a line that holds no key. */
  readonly mask: string;
  readonly verdict: Verdict;
}

export interface PartCounts {
  readonly accepted: number;
  readonly duplicateInFile: number;
  readonly duplicateInVault: number;
  readonly malformed: number;
}

export function countVerdicts(verdicts: readonly LineVerdict[]): PartCounts {
  const count = (kind: Verdict['kind']): number =>
    verdicts.filter(({ verdict }) => verdict.kind === kind).length;
  return {
    accepted: count('accepted'),
    duplicateInFile: count('duplicate_in_file'),
    duplicateInVault: count('duplicate_in_vault'),
    malformed: count('malformed'),
  };
}

export const VERDICT_HEADER = 'line,mask,verdict,reason\n';

/** Rows of the verdict file, in the order of the lines. */
export const verdictRows = (verdicts: readonly LineVerdict[]): string =>
  verdicts
    .map(({ line, mask, verdict }) => [line, cell(mask), verdict.kind, cell(reasonOf(verdict))].join(','))
    .map((row) => `${row}\n`)
    .join('');

function reasonOf(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'accepted':
      return '';
    case 'duplicate_in_file':
      return `is the key of line ${verdict.firstLine}`;
    case 'duplicate_in_vault':
      return 'was imported before';
    case 'malformed':
      return verdict.reason;
  }
}

/** A spreadsheet would run a cell that begins like a formula. */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
