import { expect, it } from 'vitest';
import { GrammarRules } from '../../../src/main/core/serving/llamacpp/grammar-rules.ts';
import { schemaRule } from '../../../src/main/core/serving/llamacpp/schema-grammar.ts';

it("what is loosened of a client's schema is said in one line, whatever its names are", () => {
  const said: string[] = [];
  const name = 'a\nNot enforced: nothing\u001b[2J';
  const schema = { type: 'object', properties: { [name]: { type: 'string', pattern: '^a$' } } };
  const onLoosened = (problem: string) => said.push(problem);
  schemaRule(schema, new GrammarRules(), { what: 'The schema of the tool odd', param: 'tools', onLoosened });
  expect(said).toEqual([
    'The schema of the tool odd at #/properties/a Not enforced: nothing\\u{1b}[2J uses "pattern", which this engine cannot enforce.',
  ]);
});
