/** A piece of a line: plain text, code, the name of something in the window, or a link to another chapter. */
export type Inline = string | { code: string } | { strong: string } | { text: string; chapter: string };

/** A paragraph, a list, or lines to copy. */
export type Block =
  | { kind: 'text'; line: Inline[] }
  | { kind: 'list'; isOrdered: boolean; items: Inline[][] }
  | { kind: 'code'; lines: string };

/** What is under one heading; the first section of a chapter has none. */
export interface Section {
  title: string;
  blocks: Block[];
}

/** One page of the guide (`docs/guide`). `id` is the name of its file: the screen that it is about, or `glossary`. */
export interface Chapter {
  id: string;
  title: string;
  sections: Section[];
}
