import { consoleMerchantRoutes } from '../../contract/merchants';
import { table } from '../../runtime/aws/table';
import { staffHttpHandler } from '../../runtime/http-handler';
import { DynamoDbMerchantStore } from '../adapters/dynamodb-merchant-store';
import { DynamoDbStaffDirectory } from '../adapters/dynamodb-staff-directory';
import { changeSettings } from '../app/change-settings';

const wire = () => ({
  merchants: new DynamoDbMerchantStore(table('merchants')),
  staff: new DynamoDbStaffDirectory(table('merchants')),
});

export const handler = staffHttpHandler(consoleMerchantRoutes, wire, {
  getMerchant: async ({ staff }, { merchants }) => ({
    merchant: await merchants.loadMerchant(staff.merchantId),
    caller: staff,
  }),
  changeSettings: ({ staff, body }, ports) => changeSettings(ports, staff.merchantId, body),
});
