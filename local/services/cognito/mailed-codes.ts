import { createHash, randomInt } from 'node:crypto';
import { AwsError } from '../../aws';
import { DurableMap } from '../../state/durable-map';
import type { Mailbox } from '../mailbox';
import { maskedEmail, verificationMail } from './mails';
import type { UserPool } from './user-pools';
import type { User } from './user-store';

const HOUR_MS = 3_600_000;
const VALIDITY_MS = {
  'confirm-sign-up': 24 * HOUR_MS,
  'verify-email': 24 * HOUR_MS,
  'reset-password': HOUR_MS,
};
const ALLOWED_FAILURES = 5;
const FAILURES_FORGOTTEN_AFTER_MS = HOUR_MS;
const DIGITS = 6;

export type CodePurpose = keyof typeof VALIDITY_MS;

interface MailedCode {
  readonly hash: string;
  readonly expiresAt: number;
  /** Wrong guesses; a new code does not forgive them. */
  readonly failures: readonly number[];
}

/** Codes that prove that a user reads the mail of its address. */
export class MailedCodes {
  readonly #codes: DurableMap<MailedCode>;
  readonly #mailbox: Mailbox;
  readonly #now: () => number;

  constructor(stateFile: string | undefined, mailbox: Mailbox, now: () => number) {
    this.#codes = new DurableMap(stateFile);
    this.#mailbox = mailbox;
    this.#now = now;
  }

  /** Mails a new code; an earlier one for the same purpose is worth nothing from then on. */
  send(pool: UserPool, user: User, email: string, purpose: CodePurpose) {
    const code = String(randomInt(10 ** DIGITS)).padStart(DIGITS, '0');
    const at = this.#now();
    this.#codes.set(keyOf(user, purpose), {
      hash: hash(code),
      expiresAt: at + VALIDITY_MS[purpose],
      failures: this.#recentFailures(keyOf(user, purpose)),
    });
    this.#mailbox.deliver({ to: email, ...verificationMail(pool, user, code), at });
    return deliveryDetails(email);
  }

  /** Uses the code up; throws when it is not the one, too old, or was guessed at too often. */
  redeem(user: User, purpose: CodePurpose, code: string): void {
    const key = keyOf(user, purpose);
    const sent = this.#codes.get(key);
    const failures = this.#recentFailures(key);
    if (failures.length >= ALLOWED_FAILURES) {
      throw new AwsError('LimitExceededException', 'Attempt limit exceeded, please try after some time.');
    }
    if (sent === undefined) throw codeMismatch();
    if (sent.expiresAt <= this.#now()) {
      throw new AwsError('ExpiredCodeException', 'Invalid code provided, please request a code again.');
    }
    if (sent.hash !== hash(code)) {
      this.#codes.set(key, { ...sent, failures: [...failures, this.#now()] });
      throw codeMismatch();
    }
    this.#codes.delete(key);
  }

  forget(user: User): void {
    for (const purpose of ['confirm-sign-up', 'verify-email', 'reset-password'] as const) {
      this.#codes.delete(keyOf(user, purpose));
    }
  }

  close(): void {
    this.#codes.close();
  }

  #recentFailures(key: string): readonly number[] {
    const since = this.#now() - FAILURES_FORGOTTEN_AFTER_MS;
    return this.#codes.get(key)?.failures.filter((at) => at > since) ?? [];
  }
}

export const deliveryDetails = (email: string) => ({
  AttributeName: 'email',
  DeliveryMedium: 'EMAIL',
  Destination: maskedEmail(email),
});

export const codeMismatch = () =>
  new AwsError('CodeMismatchException', 'Invalid verification code provided, please try again.');

const keyOf = (user: User, purpose: CodePurpose): string => `${user.sub}/${purpose}`;

const hash = (code: string): string => createHash('sha256').update(code).digest('hex');
