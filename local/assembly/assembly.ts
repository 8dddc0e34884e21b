import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';

const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      dependencies: z.array(z.string()).default([]),
      properties: z
        .looseObject({
          stackName: z.string().optional(),
          templateFile: z.string().optional(),
          file: z.string().optional(),
        })
        .default({}),
    }),
  ),
});

const assetsSchema = z.object({
  files: z
    .record(
      z.string(),
      z.looseObject({
        source: z.looseObject({ path: z.string().optional(), packaging: z.string().default('file') }),
        destinations: z.record(z.string(), z.looseObject({ objectKey: z.string() })),
      }),
    )
    .default({}),
  dockerImages: z.record(z.string(), z.unknown()).default({}),
});

/** Artifacts that describe the application to people and tools, not to the cloud. */
const DESCRIPTIONS = new Set(['cdk:tree', 'cdk:feature-flag-report']);

type Artifacts = z.infer<typeof manifestSchema>['artifacts'];

export interface AssemblyStack {
  readonly name: string;
  /** The parsed template file, not yet checked. */
  readonly template: unknown;
}

export interface Assembly {
  /** Each stack after those it depends on. */
  readonly stacks: readonly AssemblyStack[];
  /** The folder that a deployment would zip and upload under this S3 key (`<hash>.zip`). */
  assetFolder(s3Key: string): string;
}

/** Reads a synthesized cloud assembly (`cdk.out`). Throws when it holds what cannot run locally, naming it. */
export function readAssembly(folder: string): Assembly {
  const { artifacts } = manifestSchema.parse(readJson(folder, 'manifest.json'));
  const assets = new Map<string, string>();
  for (const [id, { type, properties }] of Object.entries(artifacts)) {
    if (type === 'cdk:asset-manifest') readAssets(folder, properties.file ?? `${id}.json`, assets);
    else if (type !== 'aws:cloudformation:stack' && !DESCRIPTIONS.has(type)) {
      throw new Error(`The cloud assembly holds ${id} of type ${type}, which cannot run locally`);
    }
  }
  return {
    stacks: stacksInOrder(artifacts).map(([id, { properties }]) => ({
      name: properties.stackName ?? id,
      template: readJson(folder, properties.templateFile ?? `${id}.template.json`),
    })),
    assetFolder: (s3Key) => {
      const path = assets.get(s3Key);
      if (path === undefined) throw new Error(`The cloud assembly has no asset folder for ${s3Key}`);
      return path;
    },
  };
}

function readAssets(folder: string, file: string, assets: Map<string, string>): void {
  const { files, dockerImages } = assetsSchema.parse(readJson(folder, file));
  const [image] = Object.keys(dockerImages);
  if (image !== undefined)
    throw new Error(`The cloud assembly holds Docker image ${image}, which cannot run locally`);
  for (const { source, destinations } of Object.values(files)) {
    // Templates are assets too, of packaging 'file'; functions are folders.
    if (source.packaging !== 'zip' || source.path === undefined) continue;
    for (const { objectKey } of Object.values(destinations))
      assets.set(objectKey, resolve(folder, source.path));
  }
}

/** Dependencies lead to asset manifests as well; those need no order. A synthesized assembly has no cycles. */
function stacksInOrder(artifacts: Artifacts): [string, Artifacts[string]][] {
  const ordered = new Map<string, Artifacts[string]>();
  const visited = new Set<string>();
  const visit = (id: string): void => {
    const artifact = artifacts[id];
    if (artifact?.type !== 'aws:cloudformation:stack' || visited.has(id)) return;
    visited.add(id);
    for (const dependency of artifact.dependencies) visit(dependency);
    ordered.set(id, artifact);
  };
  for (const id of Object.keys(artifacts)) visit(id);
  return [...ordered];
}

function readJson(folder: string, file: string): unknown {
  return JSON.parse(readFileSync(join(folder, file), 'utf8'));
}
