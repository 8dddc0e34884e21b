import { countVerdicts, type LineVerdict, verdictRows } from '../../../lambdas/vault/domain/verdict';

const accepted = { kind: 'accepted' } as const;

test.each([
  ['=SUM(A1)', "1,'=SUM(A1),accepted,\n"],
  ['+1', "1,'+1,accepted,\n"],
  ['-1', "1,'-1,accepted,\n"],
  ['@x', "1,'@x,accepted,\n"],
  ['a,"b"', '1,"a,""b""",accepted,\n'],
])('the mask %p can do no harm in a spreadsheet', (mask, row) => {
  expect(verdictRows([{ line: 1, mask, verdict: accepted }])).toBe(row);
});

test('the counts of all verdicts add up to the lines', () => {
  const verdicts: LineVerdict[] = [
    { line: 1, mask: '', verdict: accepted },
    { line: 2, mask: '', verdict: { kind: 'duplicate_in_file', firstLine: 1 } },
    { line: 3, mask: '', verdict: { kind: 'duplicate_in_vault' } },
    { line: 4, mask: '', verdict: { kind: 'malformed', reason: 'is empty' } },
  ];
  const counts = countVerdicts(verdicts);
  expect(counts).toEqual({ accepted: 1, duplicateInFile: 1, duplicateInVault: 1, malformed: 1 });
});
