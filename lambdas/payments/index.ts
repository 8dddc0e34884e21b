/** What other contexts may use of the payments. */
export { wirePaymentLinks } from './handlers/gateway-wiring';
