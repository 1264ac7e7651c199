import * as z from '../../diagnostic/zod.js';
import { description } from './description.js';

/** What the schema says of the YAML form, for editors. What belongs together is checked by `validate` alone. */
export function jsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(description, {
    io: 'input',
    unrepresentable: 'any',
    target: 'draft-2020-12',
  });
  return {
    $schema,
    title: 'lvsctl',
    description: 'A cluster of Linux Virtual Servers, as lvsctl reads it. every-key.yaml explains each key.',
    ...schema,
  };
}
