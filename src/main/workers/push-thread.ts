import { gatherBytes } from '../core/processes/gather-bytes.ts';
import { threadBody } from '../core/processes/thread.ts';
import { type SendEvent, type SendPlan, type SentContents, sendContents } from '../core/push/send-contents.ts';

threadBody<SendPlan, SentContents, SendEvent>(async (plan, { signal, emit }) => {
  const sent = gatherBytes((bytes, item) => emit({ type: 'sent', bytes, item }));
  const result = await sendContents(plan, signal, (event) => {
    if (event.type === 'sent') sent.add(event.bytes, event.item);
    else emit(event);
  });
  sent.flush();
  return result;
});
