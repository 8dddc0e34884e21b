import { randomInt } from 'node:crypto';
import * as z from 'zod';
import { flag, integer } from './resource-properties';

/** The GenerateSecretString property of a secret. */
export const secretGeneration = z
  .strictObject({
    PasswordLength: integer.min(1).max(4096).default(32),
    ExcludeCharacters: z.string().default(''),
    ExcludeLowercase: flag.default(false),
    ExcludeUppercase: flag.default(false),
    ExcludeNumbers: flag.default(false),
    ExcludePunctuation: flag.default(false),
    IncludeSpace: flag.default(false),
    RequireEachIncludedType: flag.default(true),
    SecretStringTemplate: z.string().optional(),
    GenerateStringKey: z.string().optional(),
  })
  .refine(
    ({ SecretStringTemplate, GenerateStringKey }) =>
      (SecretStringTemplate === undefined) === (GenerateStringKey === undefined),
    'SecretStringTemplate and GenerateStringKey belong together',
  );

export type SecretGeneration = z.output<typeof secretGeneration>;

/** A random password, or the template's JSON object with that password under the given key. */
export function generatedSecret(settings: SecretGeneration): string {
  const password = randomPassword(settings);
  const { SecretStringTemplate, GenerateStringKey } = settings;
  if (SecretStringTemplate === undefined || GenerateStringKey === undefined) return password;
  const template = z.record(z.string(), z.json()).parse(JSON.parse(SecretStringTemplate));
  return JSON.stringify({ ...template, [GenerateStringKey]: password });
}

function randomPassword(settings: SecretGeneration): string {
  const types = [
    settings.ExcludeLowercase ? '' : 'abcdefghijklmnopqrstuvwxyz',
    settings.ExcludeUppercase ? '' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    settings.ExcludeNumbers ? '' : '0123456789',
    settings.ExcludePunctuation ? '' : '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
    settings.IncludeSpace ? ' ' : '',
  ]
    .map((type) => [...type].filter((character) => !settings.ExcludeCharacters.includes(character)))
    .filter((type) => type.length > 0);
  const all = types.flat();
  if (all.length === 0) throw new Error('GenerateSecretString excludes every character');
  const required = settings.RequireEachIncludedType ? types.map(pick) : [];
  if (required.length > settings.PasswordLength) {
    throw new Error('GenerateSecretString: PasswordLength is too short for one character of each type');
  }
  const rest = Array.from({ length: settings.PasswordLength - required.length }, () => pick(all));
  return shuffled([...required, ...rest]).join('');
}

const pick = (characters: readonly string[]): string => characters[randomInt(characters.length)] ?? '';

/** Every order is equally likely, so that the place of a required character tells nothing. */
function shuffled(characters: readonly string[]): string[] {
  const rest = [...characters];
  const result: string[] = [];
  while (rest.length > 0) result.push(...rest.splice(randomInt(rest.length), 1));
  return result;
}
