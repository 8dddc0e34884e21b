import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { CognitoUserPoolsAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import type { Construct } from 'constructs';
import { consoleApi } from '../../lambdas/contract/apis';
import { environment } from '../../lambdas/contract/environment';
import type { FunctionBundles } from '../bundle-functions';
import { ContractApi } from '../constructs/contract-api';
import { grantFiles } from '../constructs/grants';
import { ServiceFunction } from '../constructs/service-function';
import type { Stage } from '../stage';
import type { DataStack } from './data';
import type { WorkflowStack } from './workflow';

export interface ConsoleApiStackProps {
  readonly stage: Stage;
  readonly bundles: FunctionBundles;
  readonly data: DataStack;
  readonly workflow: WorkflowStack;
}

/** What merchants' staff call, and the function that opens a merchant. */
export class ConsoleApiStack extends Stack {
  constructor(scope: Construct, id: string, { stage, bundles, data, workflow }: ConsoleApiStackProps) {
    super(scope, id);
    const fn = (entry: string, description: string, variables: Record<string, string> = {}) =>
      new ServiceFunction(this, entry, {
        stage,
        bundles,
        entry,
        description,
        timeout: Duration.seconds(20),
        environment: variables,
      });
    const { merchants, catalog, vault, orders, audit } = data.tables;

    const merchant = fn('console-merchant', 'Shows and changes a merchant’s settings');
    merchants.grant(merchant, 'GetItem', 'UpdateItem');

    const products = fn('console-catalog', 'Edits and publishes products');
    merchants.grant(products, 'GetItem');
    catalog.grant(products, 'GetItem', 'Query', 'PutItem', 'DeleteItem');

    const imports = fn('console-imports', 'Starts and follows imports of card keys');
    merchants.grant(imports, 'GetItem');
    catalog.grant(imports, 'GetItem');
    vault.grant(imports, 'GetItem', 'Query', 'PutItem', 'UpdateItem');
    grantFiles(data, imports, { uploads: ['Get', 'Put'], verdicts: ['Get'] });
    workflow.imports.grantSend(imports, environment.importQueue);

    const orderDesk = fn('console-orders', 'Shows staff an order with its time line');
    merchants.grant(orderDesk, 'GetItem');
    catalog.grant(orderDesk, 'GetItem');
    orders.grant(orderDesk, 'GetItem');
    vault.grant(orderDesk, 'BatchGetItem');
    audit.grant(orderDesk, 'Query');

    const api = new ContractApi(this, 'Api', {
      stage,
      api: consoleApi,
      functions: {
        'console-merchant': merchant,
        'console-catalog': products,
        'console-imports': imports,
        'console-orders': orderDesk,
      },
      authorizer: new CognitoUserPoolsAuthorizer(this, 'StaffAuthorizer', {
        cognitoUserPools: [data.staffPool.userPool],
      }),
      throttle: { ratePerSecond: 200, burst: 100 },
    });

    const inviteOwner = fn('invite-owner', 'Opens a merchant and invites its first owner', {
      [environment.staffPool]: data.staffPool.userPool.userPoolId,
    });
    merchants.grant(inviteOwner, 'GetItem', 'PutItem');
    inviteOwner.allow(
      [data.staffPool.userPool.userPoolArn],
      ['cognito-idp:AdminCreateUser', 'cognito-idp:AdminGetUser', 'cognito-idp:AdminAddUserToGroup'],
    );

    new CfnOutput(this, 'ConsoleApiUrl', { value: api.restApi.url });
    new CfnOutput(this, 'InviteOwnerFunction', { value: inviteOwner.function.functionName });
  }
}
