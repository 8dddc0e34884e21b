import { toInstant } from '../../kernel/time';
import type { LotRef, PartStatus } from '../domain/lot';
import type { ImportPorts, ImportTask } from './import-ports';
import { publishLot } from './publish-lot';

type Step = Extract<ImportTask, { part: number }>['step'];

export type AdvancePorts = Pick<
  ImportPorts,
  | 'lots'
  | 'parts'
  | 'fingerprints'
  | 'segments'
  | 'live'
  | 'pools'
  | 'uploads'
  | 'verdicts'
  | 'queue'
  | 'clock'
>;

/**
 * Does what comes next for a lot, by its status and its parts'; again and again, if need be. Messages for parts are
 * sent again too, unless the caller comes from a part of that very phase: the others have theirs. So whoever
 * acknowledges a message has seen to it that the next ones are out.
 */
export async function advanceImport(ports: AdvancePorts, ref: LotRef, from?: Step): Promise<void> {
  const { merchantId, lotId } = ref;
  const lot = await ports.lots.find(ref);

  /** True once no part is in one of the statuses. */
  const passed = async (step: Step, open: readonly PartStatus[], resend: boolean): Promise<boolean> => {
    const parts = await ports.parts.list(lotId);
    const waiting = parts.filter(({ status }) => open.includes(status));
    if (resend) await ports.queue.send(waiting.map(({ part }) => ({ step, merchantId, lotId, part })));
    return waiting.length === 0;
  };

  switch (lot?.status) {
    case 'splitting':
      return ports.queue.send([{ step: 'split', merchantId, lotId }]);
    case 'claiming':
      if (!(await passed('claim', ['pending'], from !== 'claim'))) return;
      await ports.lots.beginWriting(ref);
      return advanceImport(ports, ref, 'claim');
    case 'writing':
      if (!(await passed('write', ['claimed'], from !== 'write'))) return;
      await ports.lots.beginPublishing(ref);
      return advanceImport(ports, ref, 'write');
    case 'publishing':
      return publishLot(ports, lot);
    case 'cancelling':
      // A part's own message discards the part when it finds the lot so; the canceller's message goes to all.
      if (!(await passed('discard', ['pending', 'claimed', 'written', 'discarding'], from === undefined)))
        return;
      await ports.uploads.delete(ref);
      await ports.lots.endDiscarding(
        ref,
        lot.failure === undefined ? 'cancelled' : 'failed',
        toInstant(ports.clock()),
      );
      return;
    case 'failed':
    case 'cancelled':
      // The browser may have put the file after the import was cancelled.
      return ports.uploads.delete(ref);
    default:
      return;
  }
}
