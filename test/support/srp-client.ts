import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import {
  type CognitoIdentityProviderClient,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
} from '@aws-sdk/client-cognito-identity-provider';

/* The browser's side of Cognito's SRP, written apart from the server's: numbers are buffers of the group's size. */
const N = BigInt(
  '0xFFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD' +
    'EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED' +
    'EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F' +
    '83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B' +
    'E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510' +
    '15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7' +
    'ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C' +
    'BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF',
);

const power = (base: bigint, exponent: bigint): bigint =>
  exponent === 0n ? 1n : (power((base * base) % N, exponent / 2n) * (exponent % 2n === 1n ? base : 1n)) % N;

const bytesOf = (value: bigint): Buffer => {
  const hex = value.toString(16);
  const whole = hex.padStart(hex.length + (hex.length % 2), '0');
  const bytes = Buffer.from(whole, 'hex');
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
};

const hash = (...parts: (Buffer | string)[]): Buffer => {
  const sha = createHash('sha256');
  for (const part of parts) sha.update(part);
  return sha.digest();
};

const numberOf = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);

/** Signs in by USER_SRP_AUTH as a browser does; answers what RespondToAuthChallenge answers. */
export async function signInBySrp(
  cognito: CognitoIdentityProviderClient,
  { poolId, clientId, username, password }: Record<'poolId' | 'clientId' | 'username' | 'password', string>,
) {
  const a = numberOf(randomBytes(128)) % N;
  const A = power(2n, a);
  const { ChallengeName, ChallengeParameters = {} } = await cognito.send(
    new InitiateAuthCommand({
      AuthFlow: 'USER_SRP_AUTH',
      ClientId: clientId,
      AuthParameters: { USERNAME: username, SRP_A: A.toString(16) },
    }),
  );
  const { SALT = '', SRP_B = '', SECRET_BLOCK = '', USER_ID_FOR_SRP = '' } = ChallengeParameters;
  const poolName = poolId.split('_')[1] ?? '';
  const B = BigInt(`0x${SRP_B}`);
  const k = numberOf(hash(bytesOf(N), bytesOf(2n)));
  const u = numberOf(hash(bytesOf(A), bytesOf(B)));
  const x = numberOf(hash(bytesOf(BigInt(`0x${SALT}`)), hash(`${poolName}${USER_ID_FOR_SRP}:${password}`)));
  const base = (((B - k * power(2n, x)) % N) + N) % N;
  const shared = power(base, a + u * x);
  const key = hkdfSync('sha256', bytesOf(shared), bytesOf(u), 'Caldera Derived Key', 16);
  const TIMESTAMP = 'Thu Jan 1 00:00:00 UTC 2026';
  const signature = createHmac('sha256', Buffer.from(key))
    .update(poolName)
    .update(USER_ID_FOR_SRP)
    .update(Buffer.from(SECRET_BLOCK, 'base64'))
    .update(TIMESTAMP)
    .digest('base64');
  return cognito.send(
    new RespondToAuthChallengeCommand({
      ChallengeName,
      ClientId: clientId,
      ChallengeResponses: {
        USERNAME: USER_ID_FOR_SRP,
        PASSWORD_CLAIM_SECRET_BLOCK: SECRET_BLOCK,
        PASSWORD_CLAIM_SIGNATURE: signature,
        TIMESTAMP,
      },
    }),
  );
}
