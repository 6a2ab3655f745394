/** What a hashing policy hashes of a request. */
import type { BalanceSnapshot } from "../../snapshot/snapshot.ts";
import { cookieValue } from "./cookie.ts";
import { queryValue } from "./query-value.ts";

/** The request as far as keys can see it. */
export interface KeySource {
  /** Lower case, without port. */
  readonly host: string;
  /** Normalized. */
  readonly path: string;
  /** Without "?". */
  readonly query: string;
  readonly clientAddress: string;
  header(lowerCaseName: string): string | undefined;
}

/** The key for one request; empty where the request has none of the parts. */
export type HashKey = (source: KeySource) => string;

type KeyPart = Extract<BalanceSnapshot, { policy: "hash" }>["key"][number];

/** No part can contain it. */
const SEPARATOR = "\0";

/** Compiles a key. Several parts are joined in order; a missing one counts as empty. */
export function createHashKey(parts: readonly KeyPart[]): HashKey {
  const readers = parts.map(createReader);
  const [only] = readers;
  if (only === undefined) return () => "";
  if (readers.length === 1) return (source) => only(source) ?? "";
  return (source) => {
    let key = "";
    let found = false;
    for (const read of readers) {
      const value = read(source);
      found ||= value !== undefined;
      key += `${value ?? ""}${SEPARATOR}`;
    }
    return found ? key : "";
  };
}

function createReader({ kind, name }: KeyPart): Reader {
  return readers[kind](name);
}

type Reader = (source: KeySource) => string | undefined;

const readers: Readonly<Record<KeyPart["kind"], (name: string) => Reader>> = {
  header: (name) => {
    const lower = name.toLowerCase();
    return (source) => source.header(lower);
  },
  cookie: (name) => (source) => cookieValue(source.header("cookie"), name),
  query: (name) => (source) => queryValue(source.query, name),
  path: () => (source) => source.path,
  client: () => (source) => source.clientAddress,
  host: () => (source) => (source.host === "" ? undefined : source.host),
};
