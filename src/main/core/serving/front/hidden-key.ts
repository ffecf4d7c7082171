import { DecoratorHandler, type Dispatcher } from 'undici';
import { openLength } from '../llamacpp/stop-text.ts';

/* Servers that want no key are given a word ("none", "ollama"): it is no secret, and ordinary answers contain it. */
const leastSecret = 8;

/** Hides a key in the bodies of all answers, errors and streams included: some servers repeat what they refuse. */
export function hidesKey(key: string): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, key.length < leastSecret ? handler : hiding(key, new DecoratorHandler(handler)));
}

function hiding(key: string, handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler {
  // As long as the key, so that the length that the answer announces stays right.
  const stars = '*'.repeat(key.length);
  /** The end of what came, where the key may have begun. */
  let held = '';
  return {
    onRequestStart: (...given) => handler.onRequestStart?.(...given),
    onResponseStart: (...given) => handler.onResponseStart?.(...given),
    onResponseData: (request, data) => {
      const text = (held + data.toString('latin1')).replaceAll(key, stars);
      const sure = text.length - openLength(text, key);
      held = text.slice(sure);
      if (sure > 0) handler.onResponseData?.(request, Buffer.from(text.slice(0, sure), 'latin1'));
    },
    onResponseEnd: (request, trailers) => {
      if (held !== '') handler.onResponseData?.(request, Buffer.from(held, 'latin1'));
      handler.onResponseEnd?.(request, trailers);
    },
    onResponseError: (...given) => handler.onResponseError?.(...given),
  };
}
