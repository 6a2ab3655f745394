/** A configuration that was read and found sound: what `toDesired` works from. */
import type { ListenerConfig } from "./schema/listener.ts";
import type { RootConfig } from "./schema/root.ts";
import type { ReceiverSecrets } from "./secret-files.ts";

/** Everything the file asks for, checked, with defaults filled in, secrets read and paths made
 * absolute. Frozen. Holds secrets: never log it. */
export type Config = Omit<
  RootConfig,
  "admin" | "listeners" | "sticky_secret" | "sticky_secret_file" | "workers"
> & {
  readonly admin: {
    readonly host: string;
    readonly port: number;
    readonly token: string | undefined;
  };
  /** With `max_connections` as the limit of open files allows, where it is not written. */
  readonly listeners: Readonly<
    Record<string, ListenerConfig & { readonly max_connections: number }>
  >;
  /** `auto` resolved. */
  readonly workers: number;
  /** Undefined where none is configured. */
  readonly sticky_secret: string | undefined;
  /** By receiver of alerts. */
  readonly receiverSecrets: Readonly<Record<string, ReceiverSecrets>>;
  /** The file's folder, absolute: where relative paths start. */
  readonly folder: string;
  /** One per route, in order: configured, or made of what it matches; unique. */
  readonly routeNames: readonly string[];
};
