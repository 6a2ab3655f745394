/**
 * The corpus as data: raw messages with their expected verdicts, for the codec's own tests and for
 * whatever can be sent through a running proxy. Written for `corpusLimits`.
 */
import type { CorpusCase } from "./notation.ts";
import { chunkCases } from "./requests/chunks.ts";
import { fieldCases } from "./requests/fields.ts";
import { lengthCases } from "./requests/lengths.ts";
import { lineCases } from "./requests/lines.ts";
import { targetCases } from "./requests/targets.ts";
import { allResponses } from "./responses/responses.ts";

export type { CorpusCase } from "./notation.ts";
export { corpusLimits } from "./read-message.ts";

/** Raw requests; those of `chunkCases` are all bodies behind one head. */
export const requestCases: readonly CorpusCase[] = [
  ...lineCases,
  ...targetCases,
  ...fieldCases,
  ...lengthCases,
  ...chunkCases,
];

/** Raw responses; `requestWasHead` says what they answer. */
export const responseCases: readonly CorpusCase[] = allResponses;
