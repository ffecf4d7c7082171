import { z } from 'zod';

// zod tries `new Function` when it creates a schema, and the page's policy reports even the attempt. This module must load before any
// schema, so it is the first import of `main.tsx` and of `connection.ts`.
z.config({ jitless: true });
