import { checkFunctions, evaluate } from './intrinsic-functions';
import { parseExpression } from './intrinsic-parser';
import { isObject, type Json, type JsonObject } from './json';
import type { Scope } from './json-path';

/** Fills Parameters, ResultSelector or ItemSelector: fields that end in `.$` take the value of their expression. */
export function fillTemplate(template: Json, scope: Scope): Json {
  if (Array.isArray(template)) return template.map((item) => fillTemplate(item, scope));
  if (!isObject(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([field, value]) =>
      field.endsWith('.$')
        ? [field.slice(0, -2), evaluate(parseExpression(sourceOf(field, value)), scope, field)]
        : [field, fillTemplate(value, scope)],
    ),
  ) satisfies JsonObject;
}

/** Throws for a template that could never be filled. */
export function checkTemplate(template: Json): void {
  if (Array.isArray(template)) template.forEach(checkTemplate);
  if (!isObject(template)) return;
  for (const [field, value] of Object.entries(template)) {
    if (field.endsWith('.$')) checkFunctions(parseExpression(sourceOf(field, value)));
    else checkTemplate(value);
  }
}

function sourceOf(field: string, value: Json): string {
  if (typeof value !== 'string')
    throw new Error(`the field "${field}" must be a JSONPath or an intrinsic function`);
  return value;
}
