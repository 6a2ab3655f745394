/** How foreign text becomes part of a page: one way for each place it can stand in. */

/** For text between tags and within quoted attributes. */
export function htmlText(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** Data for a `<script type="application/json">`: JSON in which no tag can begin or end. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", String.raw`\u003c`);
}

/** Code for a `<script>`: within strings and regular expressions, the only places where these can
 * stand, a backslash before a slash or an exclamation mark means nothing. */
export function scriptText(code: string): string {
  return code
    .replace(/<\/(?=script)/gi, String.raw`<\/`)
    .replace(/<(?=script)/gi, String.raw`\x3c`)
    .replaceAll("<!--", String.raw`<\!--`);
}

/** Rules for a `<style>`. */
export function styleText(rules: string): string {
  return rules.replace(/<\/(?=style)/gi, String.raw`<\/`);
}
