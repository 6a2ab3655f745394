/** Random expressions for properties. */
import * as fc from "fast-check";
import type { Expression, SignalRef } from "../expression.ts";
import { toValue } from "../value.ts";

const name = fc.stringMatching(/^[a-z0-9][a-z0-9_.-]{0,8}$/);
const text = fc.string({ minLength: 1, maxLength: 12, unit: "grapheme-ascii" });

const served: fc.Arbitrary<SignalRef> = fc
  .record({
    name: fc.constantFrom("p99", "p50", "in_flight"),
    selector: fc.oneof(
      fc.constant({}),
      fc.record({ upstream: fc.oneof(name, text) }),
      fc.record({ upstream: name, endpoint: fc.oneof(text, fc.constant("10.0.0.1:80")) }),
    ),
  })
  .map(({ name, selector }) => ({ name, selector: { ...selector }, query: undefined }));

const query = text
  .filter((query) => query.trim() !== "")
  .map((query): SignalRef => ({ name: "prometheus", selector: {}, query }));

const comparator = fc.constantFrom(...([">", ">=", "<", "<=", "==", "!="] as const));

const numbers = fc.nat({ max: 5_000 }).map((number) => String(number / 10));

const unitOf: Readonly<Record<string, readonly string[]>> = {
  p99: ["ms", "s", "m", "h"],
  p50: ["ms", "s"],
  in_flight: [""],
  prometheus: ["", "%", "ms", "KB", "KiB", "GiB", "/s", "/m"],
};

const comparison: fc.Arbitrary<Expression> = fc
  .tuple(fc.oneof(served, query), comparator, numbers, fc.nat())
  .map(([signal, comparator, number, pick]) => {
    const units = unitOf[signal.name]!;
    const unit = units[pick % units.length]!;
    const written = `${number}${unit}`;
    return { kind: "comparison", signal, comparator, ...toValue(number, unit)!, written };
  });

/** Any expression that can be written down. */
export const expressions: fc.Arbitrary<Expression> = fc.letrec<{ any: Expression }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    comparison,
    fc
      .tuple(fc.constantFrom("and", "or"), fc.array(tie("any"), { minLength: 2, maxLength: 3 }))
      .map(([kind, parts]): Expression => ({ kind, parts })),
    fc
      .tuple(
        tie("any"),
        fc.integer({ min: 1, max: 500_000 }),
        fc.option(fc.integer({ min: 2, max: 9 }), { nil: undefined }),
      )
      .map(([of, forMs, times]): Expression => ({ kind: "lasting", of, forMs, times })),
  ),
})).any;
