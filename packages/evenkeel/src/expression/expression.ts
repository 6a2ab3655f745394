/**
 * Conditions over signals as people write them: `cpu_usage > 90% for 5m`,
 * `p99(upstream=api) > 800ms and request_rate(upstream=api) > 5/s`, `5xx_ratio > 0.5% for 3 x 15s`.
 *
 *     condition  = all { "or" all }
 *     all        = part { "and" part }
 *     part       = ( comparison | "(" condition ")" ) [ "for" duration | "for" count "x" duration ]
 *     comparison = signal ( ">" | ">=" | "<" | "<=" | "==" | "!=" ) value
 *     signal     = name [ "(" selector { "," selector } ")" ]  |  "prometheus" "(" text ")"
 *     selector   = key "=" name or text  |  name            a lone name is the one the signal is of
 *     value      = number [ unit ]                           % ms s m h B KB KiB MB MiB GB GiB /s /m
 */

/** A signal as written: which, and of what. */
export interface SignalRef {
  readonly name: string;
  /** As written: `upstream`, `endpoint`, `route`, `process`, `instance`, or a label of a metric. */
  readonly selector: Readonly<Record<string, string>>;
  /** The query, where `name` is `prometheus`. */
  readonly query: string | undefined;
}

export type Comparator = ">" | ">=" | "<" | "<=" | "==" | "!=";

export type Expression =
  | {
      readonly kind: "comparison";
      readonly signal: SignalRef;
      readonly comparator: Comparator;
      /** In the signal's own unit: ratios 0 to 1, seconds, bytes, per second. */
      readonly value: number;
      readonly unit: "none" | "ratio" | "seconds" | "bytes" | "per_second";
      /** As written, for messages: `90%`. */
      readonly written: string;
    }
  | { readonly kind: "and" | "or"; readonly parts: readonly Expression[] }
  | {
      /** True once `of` has been true all of the time for `forMs`, or in `times` looks in a row that
       * are `forMs` apart. */
      readonly kind: "lasting";
      readonly of: Expression;
      readonly forMs: number;
      readonly times: number | undefined;
    };

/** A condition together with its text; what settings carry. */
export interface Condition {
  readonly text: string;
  readonly expression: Expression;
}

/** Where a text stops being a condition. `message` says what was found and what would be right;
 * `at` is an offset into the text, for the caret. */
export interface ExpressionProblem {
  readonly message: string;
  readonly at: number;
}

/** Three-valued: what nobody measured is neither true nor false. */
export type Truth = "true" | "false" | "unknown";
