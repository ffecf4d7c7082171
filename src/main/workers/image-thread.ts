import {
  type BringEvent,
  type BringPlan,
  type BroughtImages,
  bringImages,
} from '../core/import/images/bring-images.ts';
import { gatherBytes } from '../core/processes/gather-bytes.ts';
import { threadBody } from '../core/processes/thread.ts';

threadBody<BringPlan, BroughtImages, BringEvent>(async (plan, { signal, emit }) => {
  const sent = gatherBytes((bytes, item) => emit({ type: 'sent', bytes, item }));
  let toldAt = 0;
  const brought = await bringImages(plan, signal, (event) => {
    if (event.type === 'sent') return sent.add(event.bytes, event.item);
    if (Date.now() - toldAt < 500) return;
    toldAt = Date.now();
    emit(event);
  });
  sent.flush();
  return brought;
});
