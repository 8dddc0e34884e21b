import { DomainError } from '../../kernel/errors';
import type { PaymentGateway } from '../app/ports';

/** A stage that no gateway is set up for: nothing can be ordered, and nobody is told to pay. */
export class NoGateway implements Pick<PaymentGateway, 'linkFor'> {
  async linkFor(): Promise<never> {
    throw new DomainError('payments.no_gateway', 'unavailable');
  }
}
