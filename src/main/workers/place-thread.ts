import { type PlaceEvent, type PlacePlan, type PlaceTotals, placeBlobs } from '../core/import/weights/copy-blobs.ts';
import { gatherBytes } from '../core/processes/gather-bytes.ts';
import { threadBody } from '../core/processes/thread.ts';

threadBody<PlacePlan, PlaceTotals, PlaceEvent>(async (plan, { signal, emit }) => {
  const read = gatherBytes((bytes, item) => emit({ type: 'read', bytes, item }));
  const totals = await placeBlobs(plan, signal, (event) => {
    if (event.type === 'read') read.add(event.bytes, event.item);
    else emit(event);
  });
  read.flush();
  return totals;
});
