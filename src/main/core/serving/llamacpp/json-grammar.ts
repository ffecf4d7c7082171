/** Rules (GBNF) for JSON of any shape: `object`, `value` and what they consist of. `ws` is optional white space, `char` one of a string. */
export const jsonRules: string = String.raw`
object ::= "{" ws (pair ("," ws pair)*)? "}"
pair ::= string ":" ws value
value ::= (object | array | string | number | "true" | "false" | "null") ws
array ::= "[" ws (value ("," ws value)*)? "]"
string ::= "\"" (plain | escape | "\\u" [0-9a-fA-F]{4})* "\"" ws
char ::= plain | escape
plain ::= [^"\\\x7F\x00-\x1F]
escape ::= "\\" ["\\/bfnrt]
number ::= "-"? unsigned
unsigned ::= natural ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,2})?
natural ::= "0" | positive
positive ::= [1-9] [0-9]{0,15}
ws ::= | " " | "\n" [ \t]{0,20}`;

/** A grammar for one JSON object. */
export const jsonGrammar: string = `root ::= object${jsonRules}`;

/** A text as GBNF quotes it. */
export function literal(text: string): string {
  return JSON.stringify(text);
}
