/** Conditions as text again: for messages, and to compare two of them. */
import { formatDuration } from "../lib/duration.ts";
import type { Expression, SignalRef } from "./expression.ts";

/** The condition in its plainest form; reads back as the same expression. */
export function formatExpression(expression: Expression): string {
  switch (expression.kind) {
    case "comparison":
      return `${formatSignal(expression.signal)} ${expression.comparator} ${expression.written}`;
    case "and":
    case "or":
      return expression.parts.map(part).join(` ${expression.kind} `);
    case "lasting":
    default: {
      const lasts = formatDuration(expression.forMs);
      const times = expression.times === undefined ? "" : `${expression.times} x `;
      const { of } = expression;
      const inner = of.kind === "comparison" ? formatExpression(of) : `(${formatExpression(of)})`;
      return `${inner} for ${times}${lasts}`;
    }
  }
}

/** `p99(upstream=api)`. */
export function formatSignal({ name, selector, query }: SignalRef): string {
  if (query !== undefined) return `${name}(${quoted(query)})`;
  const entries = Object.entries(selector).map(([key, value]) => `${key}=${bareOrQuoted(value)}`);
  return entries.length === 0 ? name : `${name}(${entries.join(", ")})`;
}

function part(expression: Expression): string {
  const text = formatExpression(expression);
  return expression.kind === "and" || expression.kind === "or" ? `(${text})` : text;
}

function bareOrQuoted(value: string): string {
  return /^[\w.:/*-]+$/.test(value) ? value : quoted(value);
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
