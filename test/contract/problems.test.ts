import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { consoleApi, storefrontApi } from '../../lambdas/contract/apis';
import { inviteOwnerProblems } from '../../lambdas/contract/merchants';
import { problemCodesOf } from '../../lambdas/contract/open-api';
import { gateways } from '../../lambdas/contract/payments';
import { type ProblemCode, problems } from '../../lambdas/contract/problems';
import type { Route } from '../../lambdas/contract/route';
import type { ErrorKind } from '../../lambdas/kernel/errors';
import { statusOfKind } from '../../lambdas/runtime/http-response';

const root = resolve(__dirname, '../..');
const codes = Object.keys(problems) as ProblemCode[];

const sourcesUnder = (folder: string): { file: string; text: string }[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({
      file: join(folder, name),
      text: readFileSync(join(root, folder, name), 'utf8'),
    }));

const MADE = /new DomainError\(|(?<!const )\b(?:notFound|conflict)\(/g;
const MADE_READABLY =
  /new DomainError\(\s*(?<quote>['`])(?<code>[^'`]+)\k<quote>,\s*'(?<kind>\w+)'|\b(?<maker>notFound|conflict)\(\s*'(?<made>[^']+)'/g;

const kindOfMaker: Record<string, ErrorKind> = { notFound: 'not_found', conflict: 'conflict' };

const sources = sourcesUnder('lambdas').filter(({ file }) => !file.startsWith('lambdas/kernel/'));
const refusals = sources.flatMap(({ file, text }) =>
  [...text.matchAll(MADE_READABLY)].map(({ groups = {} }) => ({
    file,
    code: groups.code ?? groups.made ?? '',
    kind: (groups.kind ?? kindOfMaker[groups.maker ?? '']) as ErrorKind,
  })),
);

/** Codes that a code in source text stands for: itself, or by its `${…}` several. */
const codesMeantBy = (code: string): ProblemCode[] => {
  const pattern = new RegExp(`^${code.replaceAll('.', '\\.').replace(/\$\{[^}]*\}/g, '.+')}$`);
  return codes.filter((one) => pattern.test(one));
};

test('every refusal is written so that its code and kind can be read', () => {
  for (const { file, text } of sources) {
    const made = text.match(MADE)?.length ?? 0;
    expect([file, text.match(MADE_READABLY)?.length ?? 0]).toEqual([file, made]);
  }
});

test('every refusal has a listed code, and the status of its kind', () => {
  expect(refusals.length).toBeGreaterThan(20);
  for (const { file, code, kind } of refusals) {
    const statuses = codesMeantBy(code).map((one) => problems[one].status as number);
    expect([file, code, statuses]).toEqual([file, code, expect.arrayContaining([statusOfKind[kind]])]);
  }
});

test('every listed code is one that a route, the invitation of an owner or the edge answers', () => {
  const apis = [storefrontApi(gateways), consoleApi];
  const told = apis
    .flatMap(({ groups }) => Object.values(groups))
    .flatMap((group) => Object.values<Route>(group))
    .flatMap(problemCodesOf);
  const edge = [...sourcesUnder('lambdas/runtime'), ...sourcesUnder('lib/constructs')]
    .flatMap(({ text }) => [...text.matchAll(/'(request\.\w+)'/g)])
    .map(([, code]) => code);
  expect([...new Set([...told, ...inviteOwnerProblems, ...edge])].toSorted()).toEqual(codes.toSorted());
});
