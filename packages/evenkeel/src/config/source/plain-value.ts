/** Unquoted text made of variables is read as if it had been written there. */
export function plainValue(text: string): unknown {
  if (/^-?(0|[1-9]\d*)(\.\d+)?$/.test(text)) return Number(text);
  if (text === "true") return true;
  return text === "false" ? false : text;
}
