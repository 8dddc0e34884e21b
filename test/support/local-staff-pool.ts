import {
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import { MERCHANT_ATTRIBUTE, roles } from '../../lambdas/contract/staff';
import { Cognito } from '../../local/services/cognito/cognito';
import { Mailbox } from '../../local/services/mailbox';
import { serveAwsJson } from './aws-json-server';

/** A staff pool of the local Cognito, with the real SDK client to it. */
export async function localStaffPool() {
  const mailbox = new Mailbox();
  const cognito = new Cognito({ issuerBase: 'http://127.0.0.1', mailbox });
  const provision = async (type: string, logicalId: string, properties: Record<string, unknown>) => {
    const resource = { type, stackName: 'test', logicalId, physicalName: logicalId, properties };
    return (await cognito.provisioners[type]?.(resource))?.ref ?? '';
  };
  const userPoolId = await provision('AWS::Cognito::UserPool', 'Staff', {
    UsernameAttributes: ['email'],
    Schema: [{ Name: MERCHANT_ATTRIBUTE, AttributeDataType: 'String', Mutable: true }],
  });
  for (const GroupName of roles) {
    await provision('AWS::Cognito::UserPoolGroup', GroupName, { UserPoolId: userPoolId, GroupName });
  }

  const { url, close } = await serveAwsJson({ AWSCognitoIdentityProviderService: cognito });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new CognitoIdentityProviderClient({ endpoint: url, region: 'us-east-1', credentials });
  return {
    url,
    client,
    userPoolId,
    mailed: () => mailbox.messages().map(({ to }) => to),
    groupsOf: async (email: string) => {
      const { Groups = [] } = await client.send(
        new AdminListGroupsForUserCommand({ UserPoolId: userPoolId, Username: email }),
      );
      return Groups.map(({ GroupName }) => GroupName);
    },
    subOf: async (email: string) => {
      const { UserAttributes = [] } = await client.send(
        new AdminGetUserCommand({ UserPoolId: userPoolId, Username: email }),
      );
      return UserAttributes.find(({ Name }) => Name === 'sub')?.Value ?? '';
    },
    close: async () => {
      client.destroy();
      await close();
      cognito.close();
    },
  };
}
