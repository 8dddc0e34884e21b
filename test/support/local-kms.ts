import { KMSClient } from '@aws-sdk/client-kms';
import { Kms } from '../../local/services/kms';
import { serveAwsJson } from './aws-json-server';

/** A key for card keys and one for HMACs, in memory, behind the real client. */
export async function startLocalKms() {
  const kms = new Kms();
  const provision = async (logicalId: string, properties: Record<string, unknown>): Promise<string> => {
    const key = await kms.provisioners['AWS::KMS::Key']?.({
      type: 'AWS::KMS::Key',
      stackName: 'Test',
      logicalId,
      physicalName: logicalId,
      properties,
    });
    if (key === undefined) throw new Error('KMS makes no keys');
    return key.ref;
  };
  const cardKeysKey = await provision('CardKeys', {});
  const macKey = await provision('Mac', { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
  const server = await serveAwsJson({ TrentService: kms });
  const client = new KMSClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const close = async () => {
    client.destroy();
    await server.close();
  };
  return { client, url: server.url, cardKeysKey, macKey, close };
}

export type LocalKms = Awaited<ReturnType<typeof startLocalKms>>;
