import { SFNClient } from '@aws-sdk/client-sfn';
import { once } from '../once';

/** The client of this execution environment. */
export const stepFunctions = once(() => new SFNClient({}));
