/** Colours, where somebody sees them. */
import { styleText } from "node:util";

export type Paint = (color: "green" | "yellow" | "red" | "gray" | "bold", text: string) => string;

/** Paints only for a terminal, and never where NO_COLOR is set (https://no-color.org). */
export function createPaint(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): Paint {
  const plain = stream.isTTY !== true || (environment["NO_COLOR"] ?? "") !== "";
  if (plain) return (_color, text) => text;
  return (color, text) => styleText(color, text, { validateStream: false });
}
