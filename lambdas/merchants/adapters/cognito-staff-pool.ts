import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminGetUserCommand,
  type AttributeType,
  type CognitoIdentityProviderClient,
  UserNotFoundException,
  UsernameExistsException,
} from '@aws-sdk/client-cognito-identity-provider';
import { MERCHANT_ATTRIBUTE } from '../../contract/staff';
import type { StaffAccount, StaffPool } from '../app/ports';
import type { StaffMember } from '../domain/merchant';

type Invitation = Pick<StaffMember, 'merchantId' | 'email' | 'role'>;

/** Accounts of a Cognito user pool whose members sign in with their e-mail address. */
export class CognitoStaffPool implements StaffPool {
  constructor(private readonly pool: { client: CognitoIdentityProviderClient; userPoolId: string }) {}

  async findAccount(email: string): Promise<StaffAccount | undefined> {
    try {
      return await this.loadAccount(email);
    } catch (error) {
      if (error instanceof UserNotFoundException) return undefined;
      throw error;
    }
  }

  async invite(invitation: Invitation): Promise<StaffAccount> {
    const account = await this.createAccount(invitation);
    if (account.merchantId === invitation.merchantId) await this.addToGroup(invitation);
    return account;
  }

  /** Creating is what mails the invitation, so an account that exists is only read. */
  private async createAccount({ email, merchantId }: Invitation): Promise<StaffAccount> {
    try {
      const { User } = await this.pool.client.send(
        new AdminCreateUserCommand({
          UserPoolId: this.pool.userPoolId,
          Username: email,
          UserAttributes: [
            { Name: 'email', Value: email },
            { Name: 'email_verified', Value: 'true' },
            { Name: `custom:${MERCHANT_ATTRIBUTE}`, Value: merchantId },
          ],
          DesiredDeliveryMediums: ['EMAIL'],
        }),
      );
      return accountOf(User?.Attributes);
    } catch (error) {
      if (error instanceof UsernameExistsException) return this.loadAccount(email);
      throw error;
    }
  }

  private async addToGroup({ email, role }: Invitation): Promise<void> {
    const { client, userPoolId: UserPoolId } = this.pool;
    await client.send(new AdminAddUserToGroupCommand({ UserPoolId, Username: email, GroupName: role }));
  }

  private async loadAccount(email: string): Promise<StaffAccount> {
    const { client, userPoolId: UserPoolId } = this.pool;
    const { UserAttributes } = await client.send(new AdminGetUserCommand({ UserPoolId, Username: email }));
    return accountOf(UserAttributes);
  }
}

function accountOf(attributes: readonly AttributeType[] = []): StaffAccount {
  const attribute = (name: string) => attributes.find((one) => one.Name === name)?.Value;
  const staffId = attribute('sub');
  if (staffId === undefined) throw new Error('the staff pool answered an account without a sub');
  return { staffId, merchantId: attribute(`custom:${MERCHANT_ATTRIBUTE}`) };
}
