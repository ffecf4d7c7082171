import { z } from 'zod';

// zod tries `new Function` when a schema is made, and the policy of the page reports even the attempt. So this module must be loaded
// before the first schema is: it is the first import of `connection.ts`, and that the first of the page.
z.config({ jitless: true });
