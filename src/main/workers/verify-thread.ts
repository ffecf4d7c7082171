import { type VerifyEvent, type VerifyPlan, type VerifyTotals, verifyFiles } from '../core/bundle/read/verify-files.ts';
import { gatherBytes } from '../core/processes/gather-bytes.ts';
import { threadBody } from '../core/processes/thread.ts';

threadBody<VerifyPlan, VerifyTotals, VerifyEvent>(async (plan, { signal, emit }) => {
  const bytes = gatherBytes((sum, path) => emit({ type: 'bytes', bytes: sum, path }));
  const totals = await verifyFiles(plan, signal, (event) => {
    if (event.type === 'bytes') bytes.add(event.bytes, event.path);
    else emit(event);
  });
  bytes.flush();
  return totals;
});
