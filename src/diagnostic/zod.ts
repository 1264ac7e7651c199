import { config } from 'zod';

// Otherwise zod writes a parser for each schema and has it compiled: most verbs check a few documents once, and end
// before that has paid.
config({ jitless: true });

export * from 'zod';
