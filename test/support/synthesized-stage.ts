import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { context } from '../../cdk.json';
import type { FunctionBundles } from '../../lib/bundle-functions';
import type { Stage } from '../../lib/stage';
import { vouchsafe } from '../../lib/vouchsafe';

export type StackName = 'data' | 'workflow' | 'storefront-api' | 'console-api';
type Properties = Record<string, unknown>;

export interface Resource {
  readonly Type: string;
  readonly Properties: Properties;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Metadata: { readonly 'aws:cdk:path': string };
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly Outputs?: Readonly<Record<string, { Value: unknown; Export?: { Name: string } }>>;
}

/** One thing that a policy lets its role do. */
export interface Statement {
  readonly actions: readonly string[];
  /** By their names in the stacks; see `SynthesizedStage.resolve`. */
  readonly resources: readonly string[];
  readonly conditions: Readonly<Record<string, unknown>>;
}

/** A resource with the stack that it stands in. */
export interface Placed {
  readonly stack: StackName;
  readonly id: string;
  readonly resource: Resource;
}

interface SynthesisOptions {
  /** Checks the templates by AWS's schemas as well, which takes seconds. */
  readonly validated?: boolean;
  /** Puts something into the app that does not belong there. */
  readonly alter?: (stacks: ReturnType<typeof vouchsafe>) => void;
}

/** Synthesizes a stage as `cdk synth` does, with functions that hold nothing. Throws what the rule pack refuses. */
export function synthesizeStage(stage: Stage, { validated = false, alter }: SynthesisOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'vouchsafe-stage-'));
  try {
    const app = new App({
      outdir: join(folder, 'cdk.out'),
      context: { ...context, 'aws:cdk:enable-path-metadata': true },
      analyticsReporting: false,
      treeMetadata: false,
      builtinCloudFormationValidation: validated,
    });
    const stacks = vouchsafe(app, stage, emptyBundles(folder));
    alter?.(stacks);
    const assembly = app.synth();
    const templates = Object.fromEntries(
      assembly.stacks.map(({ stackName, template }) => [
        stackName.slice(`vouchsafe-${stage.name}-`.length),
        template,
      ]),
    );
    return new SynthesizedStage(
      stage,
      templates as Record<StackName, Template>,
      assembly.stacks.filter((stack) => stack.terminationProtection).map(({ stackName }) => stackName),
      assembly.stacks.flatMap((stack) =>
        stack.messages.filter(({ level }) => level !== 'info').map(({ entry }) => String(entry.data)),
      ),
      findingsIn(join(assembly.directory, 'validation-report.json')),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function findingsIn(report: string): string[] {
  const { pluginReports } = JSON.parse(readFileSync(report, 'utf8')) as {
    pluginReports: { violations: unknown[] }[];
  };
  return pluginReports.flatMap(({ violations }) => violations.map((one) => JSON.stringify(one)));
}

function emptyBundles(folder: string): FunctionBundles {
  return {
    folderOf: (functionName) => {
      const bundle = join(folder, functionName);
      mkdirSync(bundle, { recursive: true });
      writeFileSync(join(bundle, 'index.js'), `// ${functionName}`);
      return bundle;
    },
  };
}

/** The templates of a stage, with references read across stacks. */
export class SynthesizedStage {
  constructor(
    readonly stage: Stage,
    readonly templates: Readonly<Record<StackName, Template>>,
    /** Names of the stacks that cannot be deleted by accident. */
    readonly protectedStacks: readonly string[],
    readonly warnings: readonly string[],
    /** What validations have found without refusing it, as JSON. */
    readonly findings: readonly string[],
  ) {}

  /** All resources of these types. */
  all(...types: string[]): Placed[] {
    return Object.entries(this.templates).flatMap(([stack, { Resources }]) =>
      Object.entries(Resources)
        .filter(([, resource]) => types.length === 0 || types.includes(resource.Type))
        .map(([id, resource]) => ({ stack: stack as StackName, id, resource })),
    );
  }

  /** The only resource of that type. */
  only(type: string): Placed {
    const [one, ...others] = this.all(type);
    if (one === undefined || others.length > 0) throw new Error(`${others.length + 1} or no ${type}`);
    return one;
  }

  /** The functions by their entries. */
  functions(): ReadonlyMap<string, Placed> {
    return new Map(
      this.all('AWS::Lambda::Function').map((placed) => [
        String(environmentOf(placed).POWERTOOLS_SERVICE_NAME),
        placed,
      ]),
    );
  }

  /** What the role of a function, a schedule or a state machine may do. */
  statementsOf({ stack, resource }: Placed): Statement[] {
    const roleId = this.roleOf({ stack, resource });
    const { Resources } = this.templates[stack];
    const inline = (Resources[roleId]?.Properties.Policies ?? []) as { PolicyDocument: PolicyDocument }[];
    const attached = Object.values(Resources).filter(
      ({ Type, Properties }) =>
        Type === 'AWS::IAM::Policy' && JSON.stringify(Properties.Roles).includes(`"${roleId}"`),
    );
    const documents = [...inline, ...attached.map(({ Properties }) => Properties)].map(
      (policy) => policy.PolicyDocument as PolicyDocument,
    );
    return documents
      .flatMap(({ Statement }) => Statement)
      .map(({ Effect, Action, Resource, Condition = {} }) => {
        if (Effect !== 'Allow') throw new Error(`a policy that does not allow: ${Effect}`);
        return {
          actions: [Action].flat(),
          resources: [Resource].flat().map((one) => this.resolve(stack, one)),
          conditions: this.resolveAll(stack, Condition) as Properties,
        };
      });
  }

  /** Logical id of the role that a resource acts in. */
  roleOf({ resource: { Properties } }: Pick<Placed, 'stack' | 'resource'>): string {
    const role = Properties.Role ?? Properties.RoleArn ?? (Properties.Target as Properties)?.RoleArn;
    return (role as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'][0];
  }

  /**
   * A value as text. A reference becomes the construct path of what it refers to, within its stack and without the
   * default children of constructs (`orders-table`); pseudo parameters are written `<Region>`.
   */
  resolve(stack: StackName, value: unknown): string {
    if (typeof value !== 'object' || value === null) return String(value);
    const [[name, argument] = []] = Object.entries(value);
    switch (name) {
      case 'Ref':
        return String(argument).startsWith('AWS::')
          ? `<${String(argument).slice('AWS::'.length)}>`
          : this.nameOf(stack, String(argument));
      case 'Fn::GetAtt':
        return this.nameOf(stack, argument[0]);
      case 'Fn::Join':
        return argument[1].map((part: unknown) => this.resolve(stack, part)).join(argument[0]);
      case 'Fn::ImportValue':
        return this.exported(argument);
      default:
        throw new Error(`cannot resolve ${JSON.stringify(value)}`);
    }
  }

  private resolveAll(stack: StackName, value: unknown): unknown {
    if (Array.isArray(value)) return value.map((one) => this.resolveAll(stack, one));
    if (typeof value !== 'object' || value === null) return value;
    if (/^(Ref|Fn::)/.test(Object.keys(value)[0] ?? '')) return this.resolve(stack, value);
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, this.resolveAll(stack, one)]));
  }

  private nameOf(stack: StackName, id: string): string {
    const resource = this.templates[stack].Resources[id];
    if (resource === undefined) return id;
    const [, ...path] = resource.Metadata['aws:cdk:path'].split('/');
    return path.filter((part) => !['Resource', 'Table', 'Function', 'Default'].includes(part)).join('/');
  }

  private exported(name: string): string {
    for (const [stack, { Outputs = {} }] of Object.entries(this.templates)) {
      const output = Object.values(Outputs).find(({ Export }) => Export?.Name === name);
      if (output) return this.resolve(stack as StackName, output.Value);
    }
    throw new Error(`nothing exports ${name}`);
  }
}

interface PolicyDocument {
  readonly Statement: readonly {
    Effect: string;
    Action: string | string[];
    Resource: unknown;
    Condition?: Properties;
  }[];
}

/** The environment variables of a function. */
export const environmentOf = ({ resource }: Pick<Placed, 'resource'>): Properties =>
  (resource.Properties.Environment as { Variables: Properties }).Variables;
