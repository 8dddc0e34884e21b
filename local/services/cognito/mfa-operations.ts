import * as z from 'zod';
import { AwsError } from '../../aws';
import type { Operations } from '../aws-json-operations';
import { asCaller, type CognitoContext, invalidParameter, notAuthorized, operation } from './context';
import { checkNotLocked, withFailure } from './passwords';
import { createTotpSecret, matchingTotpStep } from './totp';
import type { UserPool } from './user-pools';
import type { User } from './user-store';

/** The one who sets up a second factor: signed in, or on the way in where the pool requires one. */
interface Enrolment {
  readonly user: User;
  /** Answers the session to go on with; none for who is signed in. */
  readonly proceed: (verified: boolean) => string | undefined;
}

const enrolmentInput = z
  .strictObject({ AccessToken: z.string().optional(), Session: z.string().optional() })
  .refine(
    ({ AccessToken, Session }) => (AccessToken === undefined) !== (Session === undefined),
    'Either AccessToken or Session is needed',
  );

export function mfaOperations(context: CognitoContext): Operations {
  return {
    AssociateSoftwareToken: operation(enrolmentInput, (input) =>
      enrol(context, input, ({ user, proceed }) => {
        const pendingTotpSecret = createTotpSecret();
        context.users.save({ ...user, pendingTotpSecret });
        return { SecretCode: pendingTotpSecret, Session: proceed(false) };
      }),
    ),
    VerifySoftwareToken: operation(
      enrolmentInput.safeExtend({ UserCode: z.string(), FriendlyDeviceName: z.string().optional() }),
      (input) =>
        enrol(context, input, ({ user, proceed }) => {
          const secret = user.pendingTotpSecret;
          if (secret === undefined) throw invalidParameter('No software token has been associated.');
          const lastStep = matchingTotpStep(secret, input.UserCode, context.now());
          if (lastStep === undefined) {
            throw new AwsError(
              'EnableSoftwareTokenMFAException',
              'Code mismatch and fail enable Software Token MFA',
            );
          }
          context.users.save({
            ...user,
            totp: { secret, lastStep },
            pendingTotpSecret: undefined,
            ...(input.Session === undefined ? {} : { softwareTokenMfa: { enabled: true, preferred: true } }),
          });
          return { Status: 'SUCCESS', Session: proceed(true) };
        }),
    ),
    SetUserMFAPreference: operation(
      z.strictObject({
        AccessToken: z.string(),
        SoftwareTokenMfaSettings: z.strictObject({
          Enabled: z.boolean().default(false),
          PreferredMfa: z.boolean().default(false),
        }),
      }),
      ({ AccessToken, SoftwareTokenMfaSettings: { Enabled, PreferredMfa } }) =>
        asCaller(context, AccessToken, ({ pool, user }) => {
          checkOffered(pool);
          if (PreferredMfa && !Enabled)
            throw invalidParameter('A factor that is not enabled cannot be preferred.');
          if (Enabled && user.totp === undefined) {
            throw invalidParameter('User has not verified software token mfa');
          }
          context.users.save({ ...user, softwareTokenMfa: { enabled: Enabled, preferred: PreferredMfa } });
          return {};
        }),
    ),
  };
}

/** Accepts each code once; a wrong one counts as a failed sign-in. Answers the user as saved. */
export function verifyTotp(context: CognitoContext, user: User, code: string): User {
  checkNotLocked(user, context.now());
  if (user.totp === undefined) throw invalidParameter('User has not verified software token mfa');
  const step = matchingTotpStep(user.totp.secret, code, context.now());
  if (step === undefined) {
    context.users.save(withFailure(user, context.now()));
    throw new AwsError('CodeMismatchException', 'Invalid code received for user');
  }
  if (step <= user.totp.lastStep) {
    throw new AwsError('ExpiredCodeException', 'Your software token has already been used once.');
  }
  return context.users.save({ ...user, totp: { ...user.totp, lastStep: step } });
}

async function enrol<T>(
  context: CognitoContext,
  { AccessToken, Session }: { AccessToken?: string; Session?: string },
  run: (enrolment: Enrolment) => T,
): Promise<T> {
  if (Session === undefined) {
    return asCaller(context, AccessToken ?? '', ({ pool, user }) => {
      checkOffered(pool);
      return run({ user, proceed: () => undefined });
    });
  }
  const { sub, clientId } = context.challenges.get('MFA_SETUP', Session);
  const { client } = context.pools.ofClient(clientId);
  const user = context.users.bySub(sub);
  if (user === undefined || !user.enabled) throw notAuthorized('Invalid session for the user.');
  const proceed = (verified: boolean) => {
    context.challenges.end(Session);
    return context.challenges.open(client, { name: 'MFA_SETUP', sub, verified });
  };
  return run({ user, proceed });
}

function checkOffered({ properties }: UserPool): void {
  if (properties.MfaConfiguration !== 'OFF') return;
  throw new AwsError(
    'SoftwareTokenMFANotFoundException',
    'Software Token MFA has not been enabled by the userPool',
  );
}
