import { environment } from '../../contract/environment';
import { defaultOrderingSettings, inviteOwnerInput } from '../../contract/merchants';
import { cognito } from '../../runtime/aws/cognito-identity-provider';
import { table } from '../../runtime/aws/table';
import { fromEnvironment } from '../../runtime/environment';
import { taskHandler } from '../../runtime/task-handler';
import { timeOrderedId } from '../../runtime/time-ordered-id';
import { CognitoStaffPool } from '../adapters/cognito-staff-pool';
import { DynamoDbMerchantStore } from '../adapters/dynamodb-merchant-store';
import { DynamoDbStaffDirectory } from '../adapters/dynamodb-staff-directory';
import { inviteOwner } from '../app/invite-owner';

const clock = () => new Date();

function wire() {
  return {
    merchants: new DynamoDbMerchantStore(table('merchants')),
    staff: new DynamoDbStaffDirectory(table('merchants')),
    staffPool: new CognitoStaffPool({
      client: cognito(),
      userPoolId: fromEnvironment(environment.staffPool),
    }),
    newId: timeOrderedId(clock),
    clock,
  };
}

export const handler = taskHandler(inviteOwnerInput, wire, (input, ports) =>
  inviteOwner(ports, { ...input, settings: defaultOrderingSettings }),
);
