import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** The condition that a key is used by the named services alone, on behalf of whoever may call them. */
export function throughServices(scope: Construct, services: readonly string[]): Record<string, unknown> {
  const { region } = Stack.of(scope);
  // In China the names of some services end in `.cn`.
  const names = services.map((service) => `${service}.${region}.amazonaws.com*`);
  return { StringLike: { 'kms:ViaService': names } };
}
