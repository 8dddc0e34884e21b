import * as z from 'zod';
import type { ResourceDefinition } from '../aws';

/** A property without an effect on one machine (roles, tags, descriptions): accepted, whatever it says. */
export const withoutEffect = z.unknown().optional();

/** Numbers and booleans of a template may be written as strings. */
export const integer = z.coerce.number().int();
export const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);
export const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** The resource's properties in the schema's shape; throws an error that names the resource and each property at fault. */
export function parseProperties<T>(resource: ResourceDefinition, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(resource.properties);
  if (parsed.success) return parsed.data;
  throw new Error(
    `${resource.type} ${resource.logicalId} asks for what is not supported locally:\n${z.prettifyError(parsed.error)}`,
  );
}
