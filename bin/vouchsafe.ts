import { App } from 'aws-cdk-lib';
import { bundleFunctions } from '../lib/bundle-functions';
import { stageNamed } from '../lib/stage';
import { vouchsafe } from '../lib/vouchsafe';

const app = new App({
  analyticsReporting: false,
  treeMetadata: false,
  // Takes longer than all the rest; test/stacks/deployability.test.ts has it done.
  builtinCloudFormationValidation: false,
});
vouchsafe(app, stageNamed(app.node.tryGetContext('stage')), bundleFunctions());
