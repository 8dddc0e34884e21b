import { timingSafeEqual } from 'node:crypto';
import { idOf } from '../../kernel/ids';
import type { DerivedMacs } from '../../store/derived-mac';
import type { OrderCredentials } from '../app/ports';
import { limitedAddress } from '../domain/client-limits';

/** Bytes of a digest that stay: enough that nobody finds another order's id or a client's second name. */
const ID_BYTES = 16;
const CLIENT_BYTES = 12;

/** Ids, tokens and pseudonyms as HMACs under keys that KMS derives for each merchant. Nothing is stored. */
export class MacOrderCredentials implements OrderCredentials {
  constructor(private readonly macs: DerivedMacs) {}

  async orderId(merchantId: string, caller: string, idempotencyKey: string): Promise<string> {
    const mac = await this.macs.macFor('order-id', merchantId);
    return idOf('ord', mac(`${caller}|${idempotencyKey}`).subarray(0, ID_BYTES));
  }

  async orderToken(merchantId: string, orderId: string): Promise<string> {
    const mac = await this.macs.macFor('order-token', merchantId);
    return mac(orderId).toString('base64url');
  }

  async checkToken(merchantId: string, orderId: string, token: string): Promise<boolean> {
    const expected = Buffer.from(await this.orderToken(merchantId, orderId));
    const given = Buffer.from(token);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  async clients(merchantId: string, contact: string, address: string): Promise<string[]> {
    const mac = await this.macs.macFor('client', merchantId);
    const pseudonym = (text: string) => mac(text).subarray(0, CLIENT_BYTES).toString('base64url');
    return [pseudonym(`contact|${contact}`), pseudonym(`address|${limitedAddress(address)}`)];
  }
}
