import { createHash } from 'node:crypto';
import * as z from 'zod';
import { arnOf, type ResourceDefinition } from '../../aws';
import { parseProperties, text, withoutEffect } from '../resource-properties';
import { type MachineDefinition, parseDefinition } from './definition';

/** A provisioned Express state machine. */
export interface StateMachine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  /** The definition as text, with its substitutions made. */
  readonly source: string;
  readonly definition: MachineDefinition;
  /** Changes with the definition and the role. */
  readonly revisionId: string;
  /** Seconds since 1970. */
  readonly creationDate: number;
}

const properties = z.strictObject({
  StateMachineName: z.string().optional(),
  StateMachineType: z.enum(['STANDARD', 'EXPRESS']).default('STANDARD'),
  Definition: z.record(z.string(), z.unknown()).optional(),
  DefinitionString: z.string().optional(),
  DefinitionSubstitutions: z.record(z.string(), text).default({}),
  RoleArn: z.string(),
  LoggingConfiguration: withoutEffect,
  TracingConfiguration: withoutEffect,
  EncryptionConfiguration: withoutEffect,
  Tags: withoutEffect,
});

/** Reads a template's state machine. Throws an Error that names the resource and what is not emulated. */
export function stateMachineOf(resource: ResourceDefinition, now: number): StateMachine {
  const { Definition, DefinitionString, DefinitionSubstitutions, ...settings } = parseProperties(
    resource,
    properties,
  );
  const refuse = (reason: string): never => {
    throw new Error(
      `${resource.type} ${resource.logicalId} in ${resource.stackName} is not supported locally: ${reason}`,
    );
  };
  if (settings.StateMachineType === 'STANDARD') {
    refuse(
      'STANDARD state machines are not emulated, because their executions outlive a process; use EXPRESS',
    );
  }
  if ((Definition === undefined) === (DefinitionString === undefined)) {
    refuse('it needs either DefinitionString or Definition');
  }
  const source = (DefinitionString ?? JSON.stringify(Definition)).replace(
    /\$\{([\w.-]+)\}/g,
    (placeholder, name: string) =>
      Object.hasOwn(DefinitionSubstitutions, name)
        ? escaped(DefinitionSubstitutions[name] ?? '')
        : refuse(`DefinitionSubstitutions has no value for ${placeholder}`),
  );
  const name = settings.StateMachineName ?? resource.physicalName;
  return {
    arn: arnOf('states', `stateMachine:${name}`),
    name,
    roleArn: settings.RoleArn,
    source,
    definition: parsed(source, refuse),
    revisionId: revisionOf(source, settings.RoleArn),
    creationDate: now / 1000,
  };
}

function parsed(source: string, refuse: (reason: string) => never): MachineDefinition {
  try {
    return parseDefinition(source);
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

/** The value within a JSON string. */
const escaped = (value: string): string => JSON.stringify(value).slice(1, -1);

function revisionOf(source: string, roleArn: string): string {
  const hash = createHash('sha256').update(`${source}\n${roleArn}`).digest('hex');
  return hash.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
