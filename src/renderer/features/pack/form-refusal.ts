import type { Remedy } from '../../../shared/errors/define.ts';
import type { ShownError } from '../../state/shown-error.ts';
import { packText as text } from '../../text/pack.ts';

/** Whether a plan was refused because it is open, or wrong, which GGUF of a model is served. */
export function isAboutServed({ code }: ShownError): boolean {
  return code === 'model.served-unclear' || code === 'model.served-absent';
}

/** Returns a refusal with the form's own way out in place of what to write into BUNDLE.yaml, which the form does. */
export function inForm(error: ShownError): ShownError {
  if (typeof error.details.content !== 'string') return error;
  const kept = error.remedies.flatMap((remedy): Remedy[] => {
    if (remedy.kind !== 'steps') return [remedy];
    const steps = remedy.steps.filter((step) => !step.includes('BUNDLE.yaml'));
    return steps.length > 0 ? [{ ...remedy, steps }] : [];
  });
  const above = isAboutServed(error) ? text.serveAbove : text.anywayAbove;
  return { ...error, remedies: [...kept, { kind: 'steps', steps: [above(error.details.content)] }] };
}
