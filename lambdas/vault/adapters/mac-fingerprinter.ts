import type { DerivedMacs } from '../../store/derived-mac';
import type { Fingerprint, Fingerprinter } from '../app/import-ports';

/** 128 bits: no two of a merchant's keys meet by chance. */
const BYTES = 16;

/** Keyed hashes, so that nobody who reads the table can try out keys. */
export class MacFingerprinter implements Fingerprinter {
  constructor(private readonly macs: Pick<DerivedMacs, 'macFor'>) {}

  async of(merchantId: string): Promise<Fingerprint> {
    const mac = await this.macs.macFor('fingerprint', merchantId);
    return (normalised) => mac(normalised).subarray(0, BYTES).toString('base64url');
  }
}
