/** `${NAME}` in text is replaced by an environment variable, `${NAME:-other}` by `other` where it is
 * unset or empty; `$${` stands for a plain `${`. */

export type Environment = Readonly<Record<string, string | undefined>>;

export type Interpolated =
  | { readonly ok: true; readonly text: string }
  /** `name` is undefined where the expression itself is malformed. */
  | { readonly ok: false; readonly name: string | undefined };

const expression = /\$\$\{|\$\{([^}]*)\}?/g;
const wellFormed = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/** Fills in all expressions; on the first that can't be, says which. What a variable holds is not
 * looked at again. */
export function interpolate(text: string, environment: Environment): Interpolated {
  let failed: Interpolated | undefined;
  const filled = text.replace(expression, (whole, inner: string | undefined) => {
    if (whole === "$${") return "${";
    const found = whole.endsWith("}") ? wellFormed.exec(inner ?? "") : null;
    if (!found) {
      failed ??= { ok: false, name: undefined };
      return "";
    }
    const value = environment[found[1]!];
    if (found[2] !== undefined) return value ? value : found[2];
    if (value === undefined) failed ??= { ok: false, name: found[1] };
    return value ?? "";
  });
  return failed ?? { ok: true, text: filled };
}
