import { CfnOutput, CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { storefrontApi } from '../../lambdas/contract/apis';
import { environment } from '../../lambdas/contract/environment';
import type { FunctionBundles } from '../bundle-functions';
import { ContractApi } from '../constructs/contract-api';
import { grantReleaseOfKeys, grantSaleOfKeys } from '../constructs/grants';
import { ServiceFunction } from '../constructs/service-function';
import type { Stage } from '../stage';
import type { DataStack } from './data';
import type { WorkflowStack } from './workflow';

export interface StorefrontApiStackProps {
  readonly stage: Stage;
  readonly bundles: FunctionBundles;
  readonly data: DataStack;
  readonly workflow: WorkflowStack;
}

/** What buyers and payment gateways call. */
export class StorefrontApiStack extends Stack {
  constructor(scope: Construct, id: string, { stage, bundles, data, workflow }: StorefrontApiStackProps) {
    super(scope, id);
    const fn = (entry: string, description: string, variables: Record<string, string> = {}) =>
      new ServiceFunction(this, entry, {
        stage,
        bundles,
        entry,
        description,
        memorySize: 1024,
        timeout: Duration.seconds(20),
        environment: variables,
      });
    const { merchants, catalog, vault, secrets, orders, guards, audit } = data.tables;

    const shelf = fn('storefront-catalog', 'Shows what is on sale');
    merchants.grant(shelf, 'GetItem');
    catalog.grant(shelf, 'GetItem', 'Query');
    vault.grant(shelf, 'BatchGetItem', 'Query');

    const ordering = fn('storefront-orders', 'Places, shows and cancels orders', {
      [environment.macKey]: data.macKey.keyArn,
      [environment.paymentGateway]: stage.gateways[0] ?? 'none',
    });
    merchants.grant(ordering, 'GetItem');
    catalog.grant(ordering, 'GetItem');
    orders.grant(ordering, 'GetItem', 'PutItem', 'UpdateItem');
    grantSaleOfKeys(data, ordering);
    ordering.allow([data.macKey.keyArn], ['kms:GenerateMac']);
    workflow.deadlines.grantSend(ordering, environment.deadlineQueue);

    const reveal = fn('buyer-reveal', 'Shows a buyer the delivered keys', {
      [environment.macKey]: data.macKey.keyArn,
      [environment.cardKeysKey]: data.cardKeysKey.keyArn,
    });
    merchants.grant(reveal, 'GetItem');
    orders.grant(reveal, 'GetItem');
    vault.grant(reveal, 'BatchGetItem', 'UpdateItem');
    secrets.grant(reveal, 'BatchGetItem');
    guards.grant(reveal, 'PutItem', 'DeleteItem');
    audit.grant(reveal, 'PutItem');
    reveal.allow([data.macKey.keyArn], ['kms:GenerateMac']);
    reveal.allow([data.cardKeysKey.keyArn], ['kms:Decrypt']);

    const functions: Record<string, ServiceFunction> = {
      'storefront-catalog': shelf,
      'storefront-orders': ordering,
      'buyer-reveal': reveal,
    };

    if (data.sandboxGatewaySecret) {
      const gatewayUrl = new CfnParameter(this, 'SandboxGatewayUrl', {
        description: 'Payment page of the sandbox gateway that this stage uses',
      });
      const callback = fn('sandbox-callback', 'Takes the sandbox gateway’s reports of payments');
      orders.grant(callback, 'GetItem', 'PutItem', 'UpdateItem');
      grantReleaseOfKeys(data, callback);
      workflow.orderDelivery.grantStart(callback, environment.deliveryWorkflow);
      for (const user of [ordering, callback]) {
        user.function.addEnvironment(environment.sandboxGatewayUrl, gatewayUrl.valueAsString);
        user.function.addEnvironment(environment.sandboxGatewaySecret, data.sandboxGatewaySecret.secretArn);
        user.allow([data.sandboxGatewaySecret.secretArn], ['secretsmanager:GetSecretValue']);
        user.allowKeyThrough(data.storageKey.keyArn, ['secretsmanager'], ['kms:Decrypt']);
      }
      functions['sandbox-callback'] = callback;
    }

    const api = new ContractApi(this, 'Api', {
      stage,
      api: storefrontApi(stage.gateways),
      functions,
      throttle: { ratePerSecond: 2000, burst: 1000 },
    });
    new CfnOutput(this, 'StorefrontApiUrl', { value: api.restApi.url });
  }
}
