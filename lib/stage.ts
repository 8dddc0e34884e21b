import { RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Gateway } from '../lambdas/contract/payments';

/** What differs between one deployment of the product and another. */
export interface Stage {
  readonly name: string;
  /** Real money and real keys: data cannot be deleted by accident. */
  readonly isProduction: boolean;
  /** What becomes of tables, keys and files when their stack goes. */
  readonly removalPolicy: RemovalPolicy;
  readonly logRetention: RetentionDays;
  readonly gateways: readonly Gateway[];
}

const dev: Stage = {
  name: 'dev',
  isProduction: false,
  removalPolicy: RemovalPolicy.RETAIN,
  logRetention: RetentionDays.ONE_WEEK,
  gateways: ['sandbox'],
};

const prod: Stage = {
  name: 'prod',
  isProduction: true,
  removalPolicy: RemovalPolicy.RETAIN,
  logRetention: RetentionDays.ONE_YEAR,
  gateways: [],
};

/** The stage of that name. Throws for a name that is none and for settings that must not be together. */
export function stageNamed(name: unknown): Stage {
  const stage = [dev, prod].find((one) => one.name === name);
  if (stage === undefined) throw new Error(`no stage ${String(name)}: -c stage=dev or -c stage=prod`);
  return checkedStage(stage);
}

/** The sandbox gateway marks orders as paid without money: production must not know it. */
export function checkedStage(stage: Stage): Stage {
  if (stage.isProduction && stage.gateways.includes('sandbox')) {
    throw new Error('a production stage cannot use the sandbox payment gateway');
  }
  return stage;
}
