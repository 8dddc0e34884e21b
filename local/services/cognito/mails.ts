import type { UserPool } from './user-pools';
import type { User } from './user-store';

const CODE = '{####}';
const USERNAME = '{username}';

interface MailText {
  readonly subject: string;
  readonly text: string;
}

export function invitationMail({ properties }: UserPool, user: User, temporaryPassword: string): MailText {
  const template = properties.AdminCreateUserConfig?.InviteMessageTemplate;
  return {
    subject: template?.EmailSubject ?? 'Your temporary password',
    text: filled(
      template?.EmailMessage ?? `Your username is ${USERNAME} and temporary password is ${CODE}.`,
      user,
      temporaryPassword,
    ),
  };
}

export function verificationMail({ properties }: UserPool, user: User, code: string): MailText {
  const template = properties.VerificationMessageTemplate;
  return {
    subject: template?.EmailSubject ?? properties.EmailVerificationSubject ?? 'Your verification code',
    text: filled(
      template?.EmailMessage ?? properties.EmailVerificationMessage ?? `Your verification code is ${CODE}.`,
      user,
      code,
    ),
  };
}

/** Tells a person where to look without telling anybody else the address: `a***@e***`. */
export const maskedEmail = (email: string): string => {
  const [local = '', domain = ''] = email.split('@');
  return `${local.charAt(0)}***@${domain.charAt(0)}***`;
};

/** A user who signs in by e-mail knows that address as its name, not the sub. */
const filled = (template: string, user: User, code: string): string =>
  template
    .replaceAll(USERNAME, () => (user.username === user.sub ? (user.attributes.email ?? '') : user.username))
    .replaceAll(CODE, () => code);
