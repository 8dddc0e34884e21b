import { createHash } from 'node:crypto';
import type { Assembly } from './assembly/assembly';
import { Template } from './assembly/template';
import type { Provisioner, Provisioners, ResourceDefinition } from './aws';

const LONGEST_NAME = 64;

export interface StackUp {
  readonly name: string;
  readonly outputs: Readonly<Record<string, string>>;
  /** In the order in which they came up. */
  readonly resources: readonly ResourceDefinition[];
}

/**
 * Brings up every resource of every stack, each after what it depends on.
 * @param parameters values for the parameters of any stack, by name
 * @throws Error that names the stack, the resource and its type
 */
export async function provisionStacks(
  { stacks }: Assembly,
  provisioners: Provisioners,
  parameters: Readonly<Record<string, string>>,
): Promise<StackUp[]> {
  const imports: Record<string, string> = {};
  const up: StackUp[] = [];
  const templates = stacks.map(
    ({ name, template }) => new Template(template, { stackName: name, parameters, imports }),
  );
  for (const name of Object.keys(parameters)) {
    if (!templates.some((template) => template.hasParameter(name)))
      throw new Error(`No stack has a parameter ${name}`);
  }
  for (const template of templates) {
    const { stackName } = template;
    const resources: ResourceDefinition[] = [];
    for (const logicalId of template.order()) {
      const type = template.typeOf(logicalId);
      try {
        const resource = {
          type,
          stackName,
          logicalId,
          physicalName: physicalNameOf(stackName, logicalId),
          properties: template.propertiesOf(logicalId),
        };
        template.resolve(logicalId, await provisionerOf(provisioners, type)(resource));
        resources.push(resource);
      } catch (error) {
        throw new Error(`${stackName}, ${logicalId} (${type}): ${messageOf(error)}`, { cause: error });
      }
    }
    const { outputs, exports } = template.outputs();
    Object.assign(imports, exports);
    up.push({ name: stackName, outputs, resources });
  }
  return up;
}

/** All provisioners as one; throws when two services claim the same type. */
export function mergeProvisioners(services: readonly Provisioners[]): Provisioners {
  const merged: Record<string, Provisioner> = {};
  for (const [type, provisioner] of services.flatMap((service) => Object.entries(service))) {
    if (type in merged) throw new Error(`Two local services provision ${type}`);
    merged[type] = provisioner;
  }
  return merged;
}

function provisionerOf(provisioners: Provisioners, type: string): Provisioner {
  const provisioner = Object.hasOwn(provisioners, type) ? provisioners[type] : undefined;
  if (provisioner === undefined) throw new Error(`no local service provides ${type}`);
  return provisioner;
}

/** The same at every start. What is too long is cut and told apart by a hash of the whole. */
function physicalNameOf(stackName: string, logicalId: string): string {
  const whole = `${stackName}-${logicalId}`;
  if (whole.length <= LONGEST_NAME) return whole;
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, 8);
  return `${whole.slice(0, LONGEST_NAME - hash.length - 1)}-${hash}`;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
