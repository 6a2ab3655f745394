/**
 * Classes of octets as tables, so that scanning a byte is one lookup. In each table 0 means "goes
 * on", so that several lookups can be joined with `|`.
 */

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const PERCENT = 0x25;
export const COLON = 0x3a;

const tokenCharacters =
  "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** 0 for RFC 9110's `tchar`: method and field names. */
export const notToken = tableOf((octet) => tokenCharacters.includes(String.fromCharCode(octet)));

/** 0 for what may stand in a field value: visible, obs-text, space and tab. */
export const notValue = tableOf((octet) => octet === HTAB || (octet >= SP && octet !== 0x7f));

/** 0 for what may stand in a request target as it is. "%" and "#" are not: the first needs two hex
 * digits behind it, the second never belongs into a request. The characters `"<>\^{|}` and the
 * backtick, which RFC 3986 leaves out, are in use and pass, as they do in nginx. */
export const notTarget = tableOf(
  (octet) => octet > SP && octet < 0x7f && octet !== PERCENT && octet !== 0x23,
);

/** A hex digit's value; 255 for all other octets. */
export const hexValue: Uint8Array = new Uint8Array(256).map((_, octet) => {
  const value = "0123456789abcdef".indexOf(String.fromCharCode(octet).toLowerCase());
  return value < 0 ? 255 : value;
});

function tableOf(allowed: (octet: number) => boolean): Uint8Array {
  return new Uint8Array(256).map((_, octet) => (allowed(octet) ? 0 : 1));
}
