import { type App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { FunctionBundles } from './bundle-functions';
import { ConsoleApiStack } from './stacks/console-api';
import { DataStack } from './stacks/data';
import { StorefrontApiStack } from './stacks/storefront-api';
import { WorkflowStack } from './stacks/workflow';
import type { Stage } from './stage';

/** The stacks of one stage. Each deploys by its own name; they depend on each other in this order. */
export function vouchsafe(app: App, stage: Stage, bundles: FunctionBundles) {
  const named = (name: string) => `vouchsafe-${stage.name}-${name}`;
  const data = new DataStack(app, named('data'), { stage });
  const workflow = new WorkflowStack(app, named('workflow'), { stage, bundles, data });
  const storefront = new StorefrontApiStack(app, named('storefront-api'), { stage, bundles, data, workflow });
  const console = new ConsoleApiStack(app, named('console-api'), { stage, bundles, data, workflow });

  Tags.of(app).add('application', 'vouchsafe');
  Tags.of(app).add('stage', stage.name);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { data, workflow, storefront, console };
}
