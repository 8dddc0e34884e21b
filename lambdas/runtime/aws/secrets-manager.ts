import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { once } from '../once';

/** The client of this execution environment. */
export const secretsManager = once(() => new SecretsManagerClient({}));
