import { DynamoDbRevealLog } from '../../audit';
import { environment } from '../../contract/environment';
import { buyerRevealRoutes } from '../../contract/orders';
import { CachedShopDirectory, DynamoDbMerchantStore } from '../../merchants';
import { kms } from '../../runtime/aws/kms';
import { table } from '../../runtime/aws/table';
import { fromEnvironment } from '../../runtime/environment';
import { httpHandler } from '../../runtime/http-handler';
import { DerivedMacs } from '../../store/derived-mac';
import { DynamoDbSecretStore, DynamoDbSegmentStore, DynamoDbSlotStore, KmsSecretOpener } from '../../vault';
import { DynamoDbOrderStore } from '../adapters/dynamodb-order-store';
import { DynamoDbRevealTokens } from '../adapters/dynamodb-reveal-tokens';
import { MacOrderCredentials } from '../adapters/mac-order-credentials';
import { createRevealToken, revealKeys } from '../app/reveal-keys';

function wire() {
  const clock = () => new Date();
  return {
    clock,
    shops: new CachedShopDirectory(new DynamoDbMerchantStore(table('merchants')), clock),
    orders: new DynamoDbOrderStore(table('orders')),
    credentials: new MacOrderCredentials(new DerivedMacs(kms(), fromEnvironment(environment.macKey))),
    revealTokens: new DynamoDbRevealTokens(table('guards')),
    reveals: new DynamoDbRevealLog(table('audit')),
    vault: {
      segments: new DynamoDbSegmentStore(table('vault')),
      slots: new DynamoDbSlotStore(table('vault')),
      secrets: new DynamoDbSecretStore(table('secrets')),
      opener: new KmsSecretOpener(kms(), fromEnvironment(environment.cardKeysKey)),
    },
  };
}

export const handler = httpHandler(buyerRevealRoutes, wire, {
  createRevealToken: ({ params, headers }, ports) =>
    createRevealToken(ports, { ...params, orderToken: headers['order-token'] }),
  revealKeys: ({ params, headers, body, client }, ports) =>
    revealKeys(ports, { ...params, orderToken: headers['order-token'] }, { ...body, ...client }),
});
