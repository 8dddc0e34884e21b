import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { once } from '../once';

/** The client of this execution environment. */
export const cognito = once(() => new CognitoIdentityProviderClient({}));
