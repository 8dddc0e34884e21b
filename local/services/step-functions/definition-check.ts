import { compileRule, timestampOf } from './choice-rule';
import type { Branch, FailState, MapState, State, WaitState } from './definition';
import { checkFunctions } from './intrinsic-functions';
import { parseExpression } from './intrinsic-parser';
import { checkPath, referencePath } from './json-path';
import { checkTemplate } from './payload-template';
import { checkTask } from './task-integrations';

/**
 * Checks what a schema cannot: transitions, paths, templates, choice rules and task resources. A definition that
 * passes can only fail on its data. Throws an Error that names the state.
 */
export function checkStates(branch: Branch): void {
  if (!Object.hasOwn(branch.States, branch.StartAt)) throw new Error(`StartAt: no state "${branch.StartAt}"`);
  for (const [name, state] of Object.entries(branch.States)) {
    try {
      checkState(state, branch);
    } catch (error) {
      throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function checkState(state: State, branch: Branch): void {
  for (const target of targetsOf(state)) {
    if (!Object.hasOwn(branch.States, target)) throw new Error(`no state "${target}" to go to`);
  }
  if (state.Type !== 'Fail') {
    checkPaths(state.InputPath, state.OutputPath);
  }
  if ('ResultPath' in state && typeof state.ResultPath === 'string') referencePath(state.ResultPath);
  if ('Parameters' in state && state.Parameters !== undefined) checkTemplate(state.Parameters);
  if ('ResultSelector' in state && state.ResultSelector !== undefined) checkTemplate(state.ResultSelector);
  if ('Catch' in state) {
    for (const { ResultPath } of state.Catch ?? [])
      if (typeof ResultPath === 'string') referencePath(ResultPath);
  }
  if ('Retry' in state) checkStatesAllIsLast(state.Retry);
  if ('Catch' in state) checkStatesAllIsLast(state.Catch);
  checkByType(state);
}

function checkByType(state: State): void {
  switch (state.Type) {
    case 'Task':
      atMostOne({ TimeoutSeconds: state.TimeoutSeconds, TimeoutSecondsPath: state.TimeoutSecondsPath });
      checkPaths(state.TimeoutSecondsPath);
      checkTask(state.Resource, state.Parameters);
      return;
    case 'Choice':
      for (const rule of state.Choices) compileRule(rule);
      return;
    case 'Wait':
      checkWait(state);
      return;
    case 'Fail':
      checkFail(state);
      return;
    case 'Parallel':
      state.Branches.forEach(checkStates);
      return;
    case 'Map':
      checkMap(state);
      return;
    case 'Pass':
    case 'Succeed':
      return;
  }
}

function targetsOf(state: State): string[] {
  if (state.Type === 'Succeed' || state.Type === 'Fail') return [];
  if (state.Type === 'Choice') {
    const targets = state.Choices.map((rule) => rule.Next);
    return state.Default === undefined ? targets : [...targets, state.Default];
  }
  if ((state.Next === undefined) === (state.End === undefined)) throw new Error('needs either Next or End');
  const caught = 'Catch' in state ? (state.Catch ?? []).map((catcher) => catcher.Next) : [];
  return state.Next === undefined ? caught : [state.Next, ...caught];
}

function checkWait({ Seconds, SecondsPath, Timestamp, TimestampPath }: WaitState): void {
  exactlyOne({ Seconds, SecondsPath, Timestamp, TimestampPath });
  checkPaths(SecondsPath, TimestampPath);
  if (Timestamp !== undefined && timestampOf(Timestamp) === undefined) {
    throw new Error(`"${Timestamp}" is not a timestamp`);
  }
}

function checkFail({ Error: error, ErrorPath, Cause, CausePath }: FailState): void {
  atMostOne({ Error: error, ErrorPath });
  atMostOne({ Cause, CausePath });
  for (const source of [ErrorPath, CausePath]) {
    if (source !== undefined) checkFunctions(parseExpression(source));
  }
}

function checkMap(state: MapState): void {
  exactlyOne({ ItemProcessor: state.ItemProcessor, Iterator: state.Iterator });
  atMostOne({ ItemSelector: state.ItemSelector, Parameters: state.Parameters });
  atMostOne({ MaxConcurrency: state.MaxConcurrency, MaxConcurrencyPath: state.MaxConcurrencyPath });
  checkPaths(state.ItemsPath, state.MaxConcurrencyPath);
  if (state.ItemSelector !== undefined) checkTemplate(state.ItemSelector);
  const items = state.ItemProcessor ?? state.Iterator;
  if (items !== undefined) checkStates(items);
}

function checkStatesAllIsLast(rules: readonly { readonly ErrorEquals: string[] }[] = []): void {
  const position = rules.findIndex((rule) => rule.ErrorEquals.includes('States.ALL'));
  if (position !== -1 && position !== rules.length - 1)
    throw new Error('States.ALL must be in the last rule');
}

function checkPaths(...paths: (string | null | undefined)[]): void {
  for (const path of paths) if (typeof path === 'string') checkPath(path);
}

const given = (fields: Record<string, unknown>) =>
  Object.values(fields).filter((value) => value !== undefined).length;

function exactlyOne(fields: Record<string, unknown>): void {
  if (given(fields) !== 1) throw new Error(`needs exactly one of ${Object.keys(fields).join(', ')}`);
}

function atMostOne(fields: Record<string, unknown>): void {
  if (given(fields) > 1) throw new Error(`needs at most one of ${Object.keys(fields).join(', ')}`);
}
