import { environment } from '../../contract/environment';
import { secretsManager } from '../../runtime/aws/secrets-manager';
import { fromEnvironment } from '../../runtime/environment';
import { NoGateway } from '../adapters/no-gateway';
import { SandboxGateway } from '../adapters/sandbox-gateway';
import { secretFrom } from '../adapters/secrets-manager-secret';

export const wireSandboxGateway = () =>
  new SandboxGateway({
    url: fromEnvironment(environment.sandboxGatewayUrl),
    secret: secretFrom(secretsManager(), fromEnvironment(environment.sandboxGatewaySecret)),
  });

/** Where this stage's buyers pay. */
export const wirePaymentLinks = () =>
  fromEnvironment(environment.paymentGateway) === 'sandbox' ? wireSandboxGateway() : new NoGateway();
