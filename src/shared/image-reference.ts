import { z } from 'zod';

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const host = '[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]{1,5})?';

/** A name that engines take for an image: `name:tag`, maybe with a registry before it, never with a digest. */
export const imageReference = z
  .string()
  .max(255)
  .regex(
    new RegExp(`^(?:${host}/)?${component}(?:/${component})*:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`),
    'write it as name:tag, such as registry.example/team/app:1.0',
  );
