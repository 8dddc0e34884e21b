import * as z from 'zod';
import { AwsError } from '../../aws';
import type { SchemaAttribute } from './template-properties';
import { signsInByEmail, type UserPool, type UserPoolClient } from './user-pools';

const STANDARD = [
  'address',
  'birthdate',
  'email',
  'family_name',
  'gender',
  'given_name',
  'locale',
  'middle_name',
  'name',
  'nickname',
  'phone_number',
  'picture',
  'preferred_username',
  'profile',
  'updated_at',
  'website',
  'zoneinfo',
];
/** What a pool itself finds out about a user; administrators may set it, users never. */
const VERIFIED = ['email_verified', 'phone_number_verified'];

/** A user's attributes by name, `custom:` prefix included, without `sub`. */
export type Attributes = Readonly<Record<string, string>>;

/** The list of names and values that requests carry. An empty value takes the attribute away. */
export const attributeList = z
  .array(z.strictObject({ Name: z.string().min(1), Value: z.string().max(2048).default('') }))
  .transform((list): Attributes => Object.fromEntries(list.map(({ Name, Value }) => [Name, Value])));

export const listOf = (attributes: Attributes): { Name: string; Value: string }[] =>
  Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));

export const isEmail = (text: string): boolean => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);

/** The attributes after the changes; refuses what the pool's schema does not allow. */
export function changedAttributes(pool: UserPool, earlier: Attributes, changes: Attributes): Attributes {
  const result = new Map(Object.entries(earlier));
  for (const [name, value] of Object.entries(changes)) {
    const schema = schemaOf(pool, name);
    if (result.has(name) && schema?.Mutable === false) {
      throw invalid(`user.${name}: Attribute cannot be updated.`);
    }
    if (value === '') result.delete(name);
    else {
      checkValue(name, value, schema);
      result.set(name, value);
    }
  }
  return Object.fromEntries(result);
}

/** Names of required attributes that the user does not have yet. */
export const missingAttributes = (pool: UserPool, attributes: Attributes): string[] =>
  pool.properties.Schema.filter(({ Required }) => Required)
    .map(({ Name }) => Name)
    .filter((name) => attributes[name] === undefined);

/** Refuses attributes that users may not write through this client. */
export function checkWritable(client: UserPoolClient, changes: Attributes): void {
  const writable = client.properties.WriteAttributes ?? STANDARD;
  for (const name of Object.keys(changes)) {
    if (!writable.includes(name) || VERIFIED.includes(name)) {
      throw new AwsError('NotAuthorizedException', 'A client attempted to write unauthorized attribute');
    }
  }
}

/** Without a list of its own a client reads the standard attributes, and no custom ones. */
export function readableAttributes(client: UserPoolClient, attributes: Attributes): Attributes {
  const readable = client.properties.ReadAttributes ?? [...STANDARD, ...VERIFIED];
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => readable.includes(name)));
}

/** undefined: a standard attribute that the pool says nothing about. */
function schemaOf(pool: UserPool, name: string): SchemaAttribute | undefined {
  const custom = name.startsWith('custom:') ? name.slice('custom:'.length) : undefined;
  const found = pool.properties.Schema.find(
    ({ Name }) => Name === (custom ?? name) && STANDARD.includes(Name) === (custom === undefined),
  );
  if (found === undefined && !STANDARD.includes(name) && !VERIFIED.includes(name)) {
    throw invalid(
      `Attributes did not conform to the schema: Type for attribute {${name}} could not be determined`,
    );
  }
  return found;
}

function checkValue(name: string, value: string, schema: SchemaAttribute | undefined): void {
  const refuse = (why: string) => invalid(`Attributes did not conform to the schema: ${name}: ${why}`);
  if (name === 'email' && !isEmail(value)) throw invalid('Invalid email address format.');
  if (VERIFIED.includes(name) && !/^(true|false)$/i.test(value)) throw refuse('must be true or false');
  if (schema === undefined) return;
  const { AttributeDataType, StringAttributeConstraints, NumberAttributeConstraints } = schema;
  const { MinLength = 0, MaxLength = 2048 } = StringAttributeConstraints ?? {};
  const { MinValue = -Infinity, MaxValue = Infinity } = NumberAttributeConstraints ?? {};
  if (AttributeDataType === 'String' && (value.length < MinLength || value.length > MaxLength)) {
    throw refuse(`must be ${MinLength} to ${MaxLength} characters`);
  }
  if (AttributeDataType === 'Number' && !(Number(value) >= MinValue && Number(value) <= MaxValue)) {
    throw refuse('is not a number within its limits');
  }
  if (AttributeDataType === 'Boolean' && !/^(true|false)$/i.test(value))
    throw refuse('must be true or false');
  if (AttributeDataType === 'DateTime' && Number.isNaN(Date.parse(value))) throw refuse('is not a date');
}

/** What a new user has: in a pool of e-mail users the name it signs in with is its e-mail address. */
export function initialAttributes(pool: UserPool, username: string, given: Attributes): Attributes {
  if (!signsInByEmail(pool)) return changedAttributes(pool, {}, given);
  if (!isEmail(username)) throw invalid('Username should be an email.');
  if (given.email !== undefined && given.email.toLowerCase() !== username.toLowerCase()) {
    throw invalid('The e-mail attribute must be the username.');
  }
  return changedAttributes(pool, {}, { email: username, ...given });
}

const invalid = (message: string) => new AwsError('InvalidParameterException', message);
