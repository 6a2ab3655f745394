/**
 * The contract of a proxy under test.
 */

/** What a proxy is asked to be in one figure. Every proxy adds X-Real-IP, X-Forwarded-For,
 * X-Forwarded-Proto and X-Forwarded-Host, keeps connections on both sides and uses one worker. */
export interface Setup {
  /** Ports of the origins on 127.0.0.1, to be used in turn. */
  readonly originPorts: readonly number[];
  /** Writes a JSON access log to a file. */
  readonly accessLog?: boolean;
}

/** A proxy that can be started. */
export interface Peer {
  readonly name: string;
  /** Why it can't take part; undefined when it can. */
  missing(): string | undefined;
  version(): string;
  /** True where `Setup.accessLog` has an effect. */
  readonly hasAccessLog: boolean;
  start(setup: Setup): Promise<RunningPeer>;
}

/** A running proxy; `await using` ends it. */
export interface RunningPeer extends AsyncDisposable {
  readonly port: number;
  /** The processes whose time and memory count: those that serve. */
  pids(): readonly number[];
  /** Size of the access log so far. */
  logBytes?(): number;
}
