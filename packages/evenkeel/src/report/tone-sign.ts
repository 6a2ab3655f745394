/** What a tone looks like without colour. */
import type { Tone } from "./page.ts";

const signs: Readonly<Record<Tone, string>> = { good: "✓", bad: "✗", warn: "!", neutral: "" };

/** Markup that stands before a toned text: its sign, or nothing where the tone is neutral. */
export function toneSign(tone: Tone | undefined): string {
  const sign = tone ? signs[tone] : "";
  return sign === "" ? "" : `<span class="sign">${sign}</span>`;
}
