import * as z from 'zod';
import type { Vouchsafe } from '../vouchsafe';

/** The owner of a merchant on this machine. */
export interface Owner {
  readonly slug: string;
  readonly name: string;
  readonly email: string;
  /** The one that the owner chooses at the first sign-in. */
  readonly password: string;
}

const signIn = z.object({
  ChallengeName: z.string().optional(),
  Session: z.string().optional(),
  AuthenticationResult: z.object({ IdToken: z.string() }).optional(),
});

/**
 * An owner's ID token. For a new one the merchant is opened by the function that `npm run invite-owner` calls, and
 * the owner signs in as a person would: with the password from the mail, then with one of their own.
 */
export async function signInOwner(vouchsafe: Vouchsafe, owner: Owner): Promise<string> {
  const { cognito, lambda, mailbox } = vouchsafe.platform.services;
  const call = async (operation: string, input: Record<string, unknown>) =>
    signIn.parse(await cognito.call(operation, { ClientId: vouchsafe.staffPoolClientId, ...input }));
  const withPassword = async (password: string) =>
    call('InitiateAuth', {
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: owner.email, PASSWORD: password },
    });

  const { slug, name, email } = owner;
  await lambda.invoke(inviteOwnerFunction(vouchsafe), { slug, name, email });
  const known = await withPassword(owner.password).catch(() => undefined);
  const first = known ?? (await withPassword(temporaryPassword(mailbox.messages(), email)));
  const signedIn =
    first.ChallengeName === 'NEW_PASSWORD_REQUIRED'
      ? await call('RespondToAuthChallenge', {
          ChallengeName: first.ChallengeName,
          Session: first.Session,
          ChallengeResponses: { USERNAME: email, NEW_PASSWORD: owner.password },
        })
      : first;
  if (signedIn.AuthenticationResult === undefined) throw new Error(`${email} cannot sign in`);
  return signedIn.AuthenticationResult.IdToken;
}

function inviteOwnerFunction({ platform }: Vouchsafe): string {
  const stack = Object.values(platform.outputs).find(({ InviteOwnerFunction }) => InviteOwnerFunction);
  if (stack?.InviteOwnerFunction === undefined)
    throw new Error('no stack has the output InviteOwnerFunction');
  return stack.InviteOwnerFunction;
}

/** The password in the latest invitation, where the pool's template puts it. */
function temporaryPassword(mails: readonly { to: string; text: string }[], email: string): string {
  const invitation = mails.find(({ to, text }) => to === email && text.includes('temporary password'));
  const inMail = /temporary password ([^\s<]+)\. Sign in/.exec(invitation?.text ?? '')?.[1];
  if (inMail === undefined) throw new Error(`no invitation has been mailed to ${email}`);
  return inMail.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
