import type * as z from 'zod';
import { edge } from './edge';
import { once } from './once';

/** A function that another service of the product invokes with an input and whose result it waits for. */
export function taskHandler<S extends z.ZodType, Ports, Result>(
  schema: S,
  wire: () => Ports,
  work: (input: z.output<S>, ports: Ports) => Promise<Result>,
) {
  const wired = once(wire);
  return edge<unknown, Result>().handler(async (event) => work(schema.parse(event), wired()));
}
