/** The text of a Date header, made anew once a second. */

/** Gives the date now in the form of RFC 9110 section 5.6.7. */
export type HttpDate = () => string;

/** A date over a wall clock in milliseconds since the epoch. */
export function createHttpDate(now: () => number = Date.now): HttpDate {
  let second = -1;
  let text = "";
  return () => {
    const current = Math.floor(now() / 1_000);
    if (current !== second) {
      second = current;
      text = new Date(current * 1_000).toUTCString();
    }
    return text;
  };
}
