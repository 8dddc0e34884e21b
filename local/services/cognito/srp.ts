import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/*
 * Secure Remote Password as Cognito speaks it: SRP-6a (RFC 5054, its 3072-bit group) with SHA-256, a user name
 * prefixed by the pool's short name, and a session key of 16 bytes derived by HKDF. Numbers travel as hexadecimal.
 */

/** The 3072-bit safe prime of RFC 3526. */
const N = BigInt(
  `0x${[
    'FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD',
    'EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED',
    'EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F',
    '83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B',
    'E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510',
    '15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7',
    'ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C',
    'BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF',
  ].join('')}`,
);
const G = 2n;
const SALT_BYTES = 16;
const SECRET_EXPONENT_BYTES = 32;
const SESSION_KEY_BYTES = 16;
const SESSION_KEY_INFO = 'Caldera Derived Key';

/** All that is kept of a password. */
export interface SrpVerifier {
  readonly salt: string;
  readonly verifier: string;
}

export function createVerifier(poolId: string, username: string, password: string): SrpVerifier {
  const salt = randomBytes(SALT_BYTES).toString('hex');
  return { salt, verifier: verifierOf(poolId, username, password, salt) };
}

export const passwordMatches = (
  poolId: string,
  username: string,
  password: string,
  { salt, verifier }: SrpVerifier,
): boolean => verifierOf(poolId, username, password, salt) === verifier;

/** The server's side of one exchange: its secret exponent and the public value that the client gets. */
export interface ServerKeys {
  readonly secret: string;
  readonly public: string;
}

export function createServerKeys({ verifier }: SrpVerifier): ServerKeys {
  const secret = randomBytes(SECRET_EXPONENT_BYTES).toString('hex');
  const value = (K * number(verifier) + power(G, number(secret))) % N;
  return { secret, public: value.toString(16) };
}

/** A client value that is a multiple of N would make the session key known to everybody. */
export const isSafeClientValue = (value: string): boolean =>
  /^[\da-f]{1,1024}$/i.test(value) && number(value) % N !== 0n;

export interface PasswordClaim {
  readonly poolId: string;
  readonly username: string;
  readonly verifier: SrpVerifier;
  readonly clientValue: string;
  readonly serverKeys: ServerKeys;
  /** Base64, as it was sent to the client. */
  readonly secretBlock: string;
  /** As the client formatted it. */
  readonly timestamp: string;
}

/** What a client that knows the password signs the secret block with. */
export function claimSignature(claim: PasswordClaim): Buffer {
  const a = number(claim.clientValue);
  const u = number(sha256(padded(a), padded(number(claim.serverKeys.public))).toString('hex'));
  const shared = power((a * power(number(claim.verifier.verifier), u)) % N, number(claim.serverKeys.secret));
  const key = hkdfSync('sha256', padded(shared), padded(u), SESSION_KEY_INFO, SESSION_KEY_BYTES);
  return createHmac('sha256', Buffer.from(key))
    .update(shortPoolName(claim.poolId) + claim.username)
    .update(Buffer.from(claim.secretBlock, 'base64'))
    .update(claim.timestamp)
    .digest();
}

function verifierOf(poolId: string, username: string, password: string, salt: string): string {
  const identity = sha256(Buffer.from(`${shortPoolName(poolId)}${username}:${password}`));
  const x = sha256(padded(number(salt)), identity);
  return power(G, number(x.toString('hex'))).toString(16);
}

const shortPoolName = (poolId: string): string => poolId.slice(poolId.indexOf('_') + 1);

const number = (hex: string): bigint => BigInt(`0x${hex}`);

const sha256 = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

/** As a signed big-endian integer: whole bytes, a zero byte first where the highest bit is set. */
function padded(value: bigint): Buffer {
  const hex = value.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  return Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, 'hex');
}

/** base ** exponent mod N */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % N;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % N;
    square = (square * square) % N;
  }
  return result;
}

const K = number(sha256(padded(N), padded(G)).toString('hex'));
