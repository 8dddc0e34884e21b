import { environment } from '../../contract/environment';
import { consoleMerchantRoutes } from '../../contract/merchants';
import { dynamodb } from '../../runtime/aws/dynamodb';
import { fromEnvironment } from '../../runtime/environment';
import { staffHttpHandler } from '../../runtime/http-handler';
import { DynamoDbMerchantStore } from '../adapters/dynamodb-merchant-store';
import { DynamoDbStaffDirectory } from '../adapters/dynamodb-staff-directory';
import { changeSettings } from '../app/change-settings';

function wire() {
  const table = { client: dynamodb(), tableName: fromEnvironment(environment.table.merchants) };
  return { merchants: new DynamoDbMerchantStore(table), staff: new DynamoDbStaffDirectory(table) };
}

export const handler = staffHttpHandler(consoleMerchantRoutes, wire, {
  getMerchant: async ({ staff }, { merchants }) => ({
    merchant: await merchants.loadMerchant(staff.merchantId),
    caller: staff,
  }),
  changeSettings: ({ staff, body }, ports) => changeSettings(ports, staff.merchantId, body),
});
