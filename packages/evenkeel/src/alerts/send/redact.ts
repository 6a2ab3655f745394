/** Keeps secrets out of what is said about receivers. */
import type { ReceiverSettings } from "../../snapshot/alert-settings.ts";

/** Shorter ones would blot out innocent text; they are no secrets either. */
const SHORTEST = 4;

/** Every occurrence of a secret replaced by dots. */
export function redact(text: string, secrets: readonly string[]): string {
  const longest = secrets.toSorted((one, other) => other.length - one.length);
  return longest.reduce(
    (clean, secret) => (secret.length < SHORTEST ? clean : clean.replaceAll(secret, "•••")),
    text,
  );
}

/** What of a receiver nobody may read: keys, passwords, values of headers, and addresses whose path
 * or query is the key. */
export function secretsOf(receiver: ReceiverSettings): readonly string[] {
  switch (receiver.kind) {
    case "pagerduty":
      return [receiver.routingKey];
    case "slack":
      return secretsOfUrl(receiver.url);
    case "webhook":
      return [...secretsOfUrl(receiver.url), ...Object.values(receiver.headers)];
    case "alertmanager":
      return secretsOfUrl(receiver.url);
    case "email":
    default:
      return receiver.password === undefined ? [] : [receiver.password];
  }
}

function secretsOfUrl(text: string): string[] {
  const url = URL.parse(text);
  if (!url) return [text];
  const { pathname, search, username, password } = url;
  const parts = [text, url.href, pathname + search, search.slice(1), username, password];
  return [
    ...parts,
    ...url.searchParams.values(),
    ...(pathname.length > 12 ? [pathname] : []),
  ].filter((part) => part.length > 1);
}
