import * as z from 'zod';
import { ACCOUNT_ID, arnOf, type ProvisionedResource, REGION } from '../aws';
import { templateSchema } from './template-schema';

/** The rule that the CDK adds for the bootstrap version of an account; there is no account here. */
const TOLERATED_RULES = new Set(['CheckBootstrapVersion']);

export interface TemplateContext {
  readonly stackName: string;
  /** Values for template parameters; a parameter that is not named here takes its Default. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Values that stacks which are already up export, by export name; read when a property asks for one. */
  readonly imports?: Readonly<Record<string, string>>;
}

export interface TemplateOutputs {
  readonly outputs: Record<string, string>;
  /** The outputs that other stacks import, by export name. */
  readonly exports: Record<string, string>;
}

/**
 * One CloudFormation template with its parameters and conditions decided. Resources are asked for in dependency
 * order; what was provisioned is told back with `resolve`, so that later properties can refer to it.
 * Whatever it cannot evaluate, it refuses with an error that names the stack and the thing.
 */
export class Template {
  readonly stackName: string;
  readonly #body: z.infer<typeof templateSchema>;
  readonly #imports: Readonly<Record<string, string>>;
  readonly #parameters = new Map<string, unknown>();
  readonly #conditions = new Map<string, boolean>();
  readonly #resolved = new Map<string, ProvisionedResource>();
  readonly #pseudo: ReadonlyMap<string, unknown>;

  constructor(body: unknown, context: TemplateContext) {
    this.stackName = context.stackName;
    this.#imports = context.imports ?? {};
    const parsed = templateSchema.safeParse(body);
    if (!parsed.success)
      throw this.#error(`the template is not understood: ${z.prettifyError(parsed.error)}`);
    this.#body = parsed.data;
    this.#pseudo = new Map<string, unknown>([
      ['AWS::Region', REGION],
      ['AWS::AccountId', ACCOUNT_ID],
      ['AWS::Partition', 'aws'],
      ['AWS::URLSuffix', 'amazonaws.com'],
      ['AWS::StackName', this.stackName],
      ['AWS::StackId', stackIdOf(this.stackName)],
      ['AWS::NotificationARNs', []],
      ['AWS::NoValue', undefined],
    ]);
    for (const rule of Object.keys(this.#body.Rules)) {
      if (!TOLERATED_RULES.has(rule)) throw this.#error(`rule ${rule} is not evaluated locally`);
    }
    this.#readParameters(context.parameters ?? {});
  }

  /** Logical ids of the resources that exist under the template's conditions, each after what it depends on. */
  order(): string[] {
    const ordered = new Set<string>();
    const visit = (id: string, path: readonly string[]): void => {
      if (ordered.has(id)) return;
      if (path.includes(id)) {
        throw this.#error(
          `resources depend on each other: ${[...path.slice(path.indexOf(id)), id].join(' -> ')}`,
        );
      }
      for (const dependency of this.#dependenciesOf(id)) visit(dependency, [...path, id]);
      ordered.add(id);
    };
    for (const id of Object.keys(this.#body.Resources)) if (this.#exists(id)) visit(id, []);
    return [...ordered];
  }

  hasParameter(name: string): boolean {
    return this.#parameters.has(name);
  }

  typeOf(logicalId: string): string {
    return this.#resource(logicalId).Type;
  }

  /** A resource's properties without intrinsic functions. What it refers to must be resolved before. */
  propertiesOf(logicalId: string): Record<string, unknown> {
    return this.#members(this.#resource(logicalId).Properties);
  }

  /** Tells what `Ref` and `Fn::GetAtt` answer for a resource from now on. */
  resolve(logicalId: string, resource: ProvisionedResource): void {
    this.#resolved.set(logicalId, resource);
  }

  /** The stack's outputs; all resources must be resolved. */
  outputs(): TemplateOutputs {
    const outputs: Record<string, string> = {};
    const exports: Record<string, string> = {};
    for (const [name, output] of Object.entries(this.#body.Outputs)) {
      if (output.Condition !== undefined && !this.#condition(output.Condition)) continue;
      const value = this.#text(output.Value, `output ${name}`);
      outputs[name] = value;
      if (output.Export !== undefined) exports[this.#text(output.Export.Name, `export of ${name}`)] = value;
    }
    return { outputs, exports };
  }

  #readParameters(given: Readonly<Record<string, string>>): void {
    for (const [name, { Type: type, Default: fallback }] of Object.entries(this.#body.Parameters)) {
      const value = given[name] ?? fallback;
      if (value === undefined) throw this.#error(`parameter ${name} has neither a value nor a default`);
      const isList = type === 'CommaDelimitedList' || type.startsWith('List<');
      this.#parameters.set(
        name,
        isList
          ? String(value)
              .split(',')
              .map((item) => item.trim())
          : String(value),
      );
    }
  }

  #resource(id: string) {
    const resource = this.#body.Resources[id];
    if (resource === undefined) throw this.#error(`there is no resource ${id}`);
    return resource;
  }

  #exists(id: string): boolean {
    const { Condition: condition } = this.#resource(id);
    return condition === undefined || this.#condition(condition);
  }

  #dependenciesOf(id: string): Set<string> {
    const { Properties: properties, DependsOn: dependsOn = [] } = this.#resource(id);
    const found = new Set<string>();
    this.#collectReferences(properties, found);
    for (const dependency of [dependsOn].flat()) if (this.#exists(dependency)) found.add(dependency);
    return found;
  }

  #collectReferences(value: unknown, found: Set<string>): void {
    if (Array.isArray(value)) {
      for (const item of value) this.#collectReferences(item, found);
      return;
    }
    if (!isObject(value)) return;
    const add = (id: unknown) => {
      if (typeof id === 'string' && id in this.#body.Resources && this.#exists(id)) found.add(id);
    };
    for (const [key, argument] of Object.entries(value)) {
      if (key === 'Ref') add(argument);
      else if (key === 'Fn::GetAtt') add(attributeReference(argument)[0]);
      else {
        if (key === 'Fn::Sub') for (const name of substitutions(argument)) add(name.split('.')[0]);
        this.#collectReferences(argument, found);
      }
    }
  }

  #evaluate(value: unknown): unknown {
    if (Array.isArray(value)) {
      return value.map((item) => this.#evaluate(item)).filter((item) => item !== undefined);
    }
    if (!isObject(value)) return value;
    const intrinsic = Object.keys(value).find((key) => key === 'Ref' || key.startsWith('Fn::'));
    if (intrinsic === undefined) return this.#members(value);
    if (Object.keys(value).length > 1) throw this.#error(`${intrinsic} stands beside other keys`);
    return this.#call(intrinsic, value[intrinsic]);
  }

  #members(value: Record<string, unknown>): Record<string, unknown> {
    const members: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(value)) {
      const evaluated = this.#evaluate(member);
      if (evaluated !== undefined) members[key] = evaluated;
    }
    return members;
  }

  #call(intrinsic: string, argument: unknown): unknown {
    switch (intrinsic) {
      case 'Ref':
        return this.#ref(this.#text(argument, intrinsic));
      case 'Fn::GetAtt': {
        const [id, attribute] = attributeReference(argument);
        return this.#attribute(this.#text(id, intrinsic), this.#text(attribute, intrinsic));
      }
      case 'Fn::Join': {
        const [separator, list] = this.#arguments(intrinsic, argument, 2);
        const texts = this.#list(list, intrinsic).map((item) => this.#text(item, intrinsic));
        return texts.join(this.#text(separator, intrinsic));
      }
      case 'Fn::Sub':
        return this.#substitute(argument);
      case 'Fn::Select': {
        const [index, list] = this.#arguments(intrinsic, argument, 2);
        const selected = this.#list(list, intrinsic)[Number(this.#text(index, intrinsic))];
        if (selected === undefined)
          throw this.#error(`Fn::Select finds nothing in ${JSON.stringify(argument)}`);
        return selected;
      }
      case 'Fn::Split': {
        const [separator, text] = this.#arguments(intrinsic, argument, 2);
        return this.#text(text, intrinsic).split(this.#text(separator, intrinsic));
      }
      case 'Fn::If':
        return this.#evaluate(this.#branch(this.#arguments(intrinsic, argument, 3)));
      case 'Fn::ImportValue': {
        const name = this.#text(argument, intrinsic);
        const value = this.#imports[name];
        if (value === undefined) throw this.#error(`no stack that is up exports ${name}`);
        return value;
      }
      case 'Fn::FindInMap': {
        const [map = '', first = '', second = ''] = this.#arguments(intrinsic, argument, 3).map((key) =>
          this.#text(key, intrinsic),
        );
        const value = this.#body.Mappings[map]?.[first]?.[second];
        if (value === undefined) throw this.#error(`mapping ${map} has no ${first}.${second}`);
        return value;
      }
      case 'Fn::Base64':
        return Buffer.from(this.#text(argument, intrinsic)).toString('base64');
      case 'Fn::GetAZs':
        return ['a', 'b', 'c'].map((zone) => `${REGION}${zone}`);
      default:
        throw this.#error(`intrinsic function ${intrinsic} is not supported locally`);
    }
  }

  #ref(name: string): unknown {
    if (this.#pseudo.has(name)) return this.#pseudo.get(name);
    if (this.#parameters.has(name)) return this.#parameters.get(name);
    return this.#provisioned(name).ref;
  }

  #attribute(id: string, attribute: string): string {
    const value = this.#provisioned(id).attributes?.[attribute];
    if (value === undefined) {
      throw this.#error(`${id} (${this.#resource(id).Type}) has no attribute ${attribute} locally`);
    }
    return value;
  }

  #provisioned(id: string): ProvisionedResource {
    const { Condition: condition } = this.#resource(id);
    const provisioned = this.#resolved.get(id);
    if (provisioned !== undefined) return provisioned;
    throw this.#error(
      `${id} is referred to but does not exist${condition ? ` (condition ${condition})` : ''}`,
    );
  }

  #substitute(argument: unknown): string {
    const [pattern, variables] = Array.isArray(argument) ? argument : [argument, {}];
    if (typeof pattern !== 'string' || !isObject(variables)) {
      throw this.#error(`Fn::Sub is not understood: ${JSON.stringify(argument)}`);
    }
    return pattern.replaceAll(SUBSTITUTION, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (Object.hasOwn(variables, name)) return this.#text(variables[name], 'Fn::Sub');
      const dot = name.indexOf('.');
      if (dot > 0) return this.#attribute(name.slice(0, dot), name.slice(dot + 1));
      return this.#text({ Ref: name }, 'Fn::Sub');
    });
  }

  #branch([condition, yes, no]: readonly unknown[]): unknown {
    return this.#condition(this.#text(condition, 'Fn::If')) ? yes : no;
  }

  #condition(name: string): boolean {
    const known = this.#conditions.get(name);
    if (known !== undefined) return known;
    const expression = this.#body.Conditions[name];
    if (expression === undefined) throw this.#error(`there is no condition ${name}`);
    const decided = this.#decide(expression);
    this.#conditions.set(name, decided);
    return decided;
  }

  #decide(expression: unknown): boolean {
    const [[operator, argument] = [], ...others] = isObject(expression) ? Object.entries(expression) : [];
    if (operator === undefined || others.length > 0) {
      throw this.#error(`condition is not understood: ${JSON.stringify(expression)}`);
    }
    const operands = Array.isArray(argument) ? argument : [argument];
    switch (operator) {
      case 'Condition':
        return this.#condition(this.#text(argument, operator));
      case 'Fn::Equals': {
        const [left, right] = this.#arguments(operator, argument, 2).map((item) =>
          this.#text(item, operator),
        );
        return left === right;
      }
      case 'Fn::Not':
        return !this.#decide(operands[0]);
      case 'Fn::And':
        return operands.every((operand) => this.#decide(operand));
      case 'Fn::Or':
        return operands.some((operand) => this.#decide(operand));
      default:
        throw this.#error(`${operator} is not supported in a condition locally`);
    }
  }

  #arguments(intrinsic: string, value: unknown, count: number): readonly unknown[] {
    if (Array.isArray(value) && value.length === count) return value;
    throw this.#error(`${intrinsic} takes ${count} arguments, not ${JSON.stringify(value)}`);
  }

  #list(value: unknown, where: string): readonly unknown[] {
    const list = this.#evaluate(value);
    if (Array.isArray(list)) return list;
    throw this.#error(`${where} expects a list, not ${JSON.stringify(value)}`);
  }

  #text(value: unknown, where: string): string {
    const text = this.#evaluate(value);
    if (typeof text === 'string' || typeof text === 'number' || typeof text === 'boolean')
      return String(text);
    throw this.#error(`${where} expects a text, not ${JSON.stringify(value)}`);
  }

  #error(message: string): Error {
    return new Error(`Stack ${this.stackName}: ${message}`);
  }
}

export const stackIdOf = (stackName: string): string => arnOf('cloudformation', `stack/${stackName}/local`);

/** `${Name}`, `${Resource.Attribute}`, and `${!Literal}`, which stays. */
const SUBSTITUTION = /\$\{(!?)([^}]+)\}/g;

function substitutions(argument: unknown): string[] {
  const pattern: unknown = Array.isArray(argument) ? argument[0] : argument;
  if (typeof pattern !== 'string') return [];
  return [...pattern.matchAll(SUBSTITUTION)].flatMap(([, literal, name]) => (literal || !name ? [] : [name]));
}

/** Both spellings: `["Table", "Arn"]` and `"Table.Arn"`. */
function attributeReference(argument: unknown): readonly [unknown, unknown] {
  if (Array.isArray(argument)) return [argument[0], argument[1]];
  const [id, ...attribute] = String(argument).split('.');
  return [id, attribute.join('.')];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
