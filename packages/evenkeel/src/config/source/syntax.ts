/** Broken YAML in plain words. The parser's own messages quote the text, which may be a secret. */
import type { ErrorCode } from "yaml";

const rules: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: "an alias can't have an anchor or a tag",
  BAD_ALIAS: "this alias is malformed, or nothing above has its anchor",
  BAD_COLLECTION_TYPE: "this tag does not fit what follows",
  BAD_DIRECTIVE: "this %-directive is malformed",
  BAD_DQ_ESCAPE: "this is no escape sequence: inside \"…\" write \\\\ for a backslash, or use '…'",
  BAD_INDENT: "the indentation does not fit: keys of one map start in the same column",
  BAD_PROP_ORDER: "anchors and tags go directly before the value",
  BAD_SCALAR_START: "text can't start with this character: put it in quotes",
  BLOCK_AS_IMPLICIT_KEY: "a key and its value can't start here: is a colon or a quote misplaced?",
  BLOCK_IN_FLOW: "inside { } and [ ] everything is written with commas, without indented blocks",
  DUPLICATE_KEY: "this key is written twice",
  IMPOSSIBLE: "this is not YAML",
  KEY_OVER_1024_CHARS: "this key is too long: is a quote or a colon missing?",
  MISSING_CHAR:
    "something is missing here: a comma, a colon, a blank, a quote or a closing bracket",
  MULTILINE_IMPLICIT_KEY: "a key must be on one line: is a colon missing?",
  MULTIPLE_ANCHORS: "a value can have one anchor",
  MULTIPLE_DOCS: "the file has more than one YAML document: remove the ---",
  MULTIPLE_TAGS: "a value can have one tag",
  NON_STRING_KEY: "a key must be plain text",
  RESOURCE_EXHAUSTION: "values are nested too deeply",
  TAB_AS_INDENT: "indent with blanks, not with tabs",
  TAG_RESOLVE_FAILED: "tags (!…) are not supported here",
  UNEXPECTED_TOKEN: "this is not expected here: is an indentation, a quote or a bracket wrong?",
};

/** One sentence for what the parser found. Its message only decides between meanings of one code. */
export function syntaxRule(code: ErrorCode, message: string): string {
  if (/flow (map|sequence).* end with/i.test(message)) return "YAML: a { or [ above is not closed";
  if (message.startsWith("Missing closing")) return "YAML: a quote is not closed";
  return `YAML: ${rules[code] ?? rules.IMPOSSIBLE}`;
}
