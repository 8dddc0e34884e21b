import { fromEnv } from '@aws-sdk/credential-provider-env';

/**
 * Stands in for the SDK's chain of credential providers in the bundles: Lambda hands a function its credentials in
 * the environment, and the code that would look for them elsewhere is an eighth of a bundle.
 */
export const defaultProvider = () => fromEnv();
