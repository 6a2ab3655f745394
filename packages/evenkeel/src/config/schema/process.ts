/** A program that Evenkeel runs. */
import { z } from "zod";
import { statusRange } from "./health-check.ts";
import {
  command,
  delay,
  envName,
  envValue,
  exitCode,
  ports,
  restartLimit,
  signal,
  umask,
  user,
  type RestartLimit,
} from "./process-values.ts";
import {
  count,
  duration,
  durationOrOff,
  name,
  percent,
  requestTarget,
  sizeOrOff,
  someText,
} from "./scalars.ts";
import { map, off, oneOf, oneOrMany, text, textScalar } from "./variants.ts";

const yes = z.literal(true);

const longReady = z.strictObject({
  http: requestTarget
    .optional()
    .describe("Ready when `GET` of this path at its port is answered with `expect`."),
  expect: oneOrMany(statusRange)
    .prefault("200-399")
    .describe('`http`: statuses that mean ready: `200`, `"200-399"`, or a list of them.'),
  tcp: yes.optional().describe("Ready when its port takes a connection."),
  command: command
    .optional()
    .describe(
      "Ready when this command ends with 0; `{{host}}` and `{{port}}` are filled in. No shell.",
    ),
  notify: yes
    .optional()
    .describe(
      "Ready when it writes a line feed to the file descriptor that EVENKEEL_READY_FD names.",
    ),
  uptime: duration.optional().describe("Ready when it has stayed up this long."),
  timeout: duration
    .prefault("30s")
    .describe("Who is not ready by then is stopped and started anew. Not used by `uptime`."),
  interval: duration
    .prefault("100ms")
    .describe("From one question to the next (`http`, `tcp`, `command`)."),
});

/** When an instance counts as ready, as written. */
export type ReadyConfig = z.output<typeof longReady>;

const readyWord = textScalar<ReadyConfig>(
  "notify, tcp, or a map such as { http: /readyz }",
  { enum: ["notify", "tcp"] },
  (word) => {
    if (word !== "notify" && word !== "tcp") return undefined;
    return longReady.parse({ [word]: true });
  },
);

const ready = oneOf<ReadyConfig>(
  "must be notify, tcp, or a map such as { http: /readyz }",
  text(readyWord),
  map(longReady),
);

const policies = ["always", "unexpected", "never"] as const;

const longRestart = z.strictObject({
  policy: z
    .enum(policies)
    .prefault("always")
    .describe(
      "`always`, `unexpected` (unless the exit code is expected), or `never`: what follows an exit nobody asked for.",
    ),
  expected_exit_codes: oneOrMany(exitCode, 0)
    .prefault([0])
    .describe("Exit codes that `unexpected` leaves alone."),
  delays: oneOrMany(delay)
    .prefault(["1s", "1s", "2s", "5s", "30s"])
    .describe("Waits before the restarts in a row; the last one repeats."),
  jitter: percent(0, 100)
    .prefault("25%")
    .describe("Lengthens each wait by up to this share, so that many do not start as one."),
  limit: restartLimit
    .prefault("5 in 10m")
    .describe("More restarts than this are a crash loop: state FATAL, told once. `off`: no bound."),
  // oxlint-disable-next-line no-thenable -- a key of the file, not a function
  then: z
    .enum(["slow", "stop"])
    .prefault("slow")
    .describe("In a crash loop: try again every `slow`, or `stop` for good."),
  slow: duration.prefault("5m").describe("See `then`."),
  reset_after: duration
    .prefault("60s")
    .describe("Up and ready this long, an instance starts with a clean slate."),
});

/** What follows an exit, as written. */
export type RestartConfig = Omit<z.output<typeof longRestart>, "limit"> & {
  readonly limit: RestartLimit | undefined;
};

const restartWord = textScalar<RestartConfig>(
  "always, unexpected, never, or a map",
  { enum: [...policies] },
  (word) => {
    const parsed = longRestart.safeParse({ policy: word });
    return parsed.success ? parsed.data : undefined;
  },
);

const restart = oneOf<RestartConfig>(
  "must be always, unexpected, never, or a map",
  text(restartWord),
  map(longRestart),
);

const stop = z.strictObject({
  drain: durationOrOff
    .prefault("30s")
    .describe(
      "How long requests in flight may take to finish before the signal; new ones go elsewhere at once. For endpoints of an upstream. `off`: no wait.",
    ),
  signal: signal.prefault("TERM").describe("What asks it to end."),
  timeout: duration.prefault("10s").describe("Who is still there after it gets KILL."),
  group: z
    .boolean()
    .prefault(true)
    .describe(
      "Signals go to its whole process group, and what is left of the group when it ended is killed.",
    ),
});

const longRotate = z.strictObject({
  size: sizeOrOff.prefault("50MiB").describe("A file that is larger is put aside."),
  every: durationOrOff.prefault("off").describe("So is one that is older."),
  keep: count(0, 10_000).prefault(10).describe("Files kept beside the current one."),
  gzip: z.boolean().prefault(false).describe("Packs what is put aside."),
});

const rotate = oneOf<z.output<typeof longRotate>>(
  "must be off or a map such as { size: 50MiB }",
  off(longRotate.parse({ size: "off" })),
  map(longRotate),
);

const logs = z.strictObject({
  dir: someText
    .optional()
    .describe("Folder, relative to this file. Default: `logs` in `state_dir`."),
  separate: z
    .boolean()
    .prefault(false)
    .describe("Standard error has a file of its own, `NAME.INDEX.err.log`."),
  rotate: rotate.prefault({}).describe("When a file is put aside; `off`: never."),
});

/** One process as written. Rules that span several keys are in `rules`. */
export const processSchema = z.strictObject({
  command: command.describe(
    "The program and its arguments: a list, or text that is split at blanks and honours quotes. No shell. `{{port}}`, `{{instance}}` (from 1) and `{{process}}` are filled in.",
  ),
  cwd: someText
    .optional()
    .describe(
      "Folder it runs in, relative to this file; may have the same placeholders. Default: this file's.",
    ),
  user: user
    .optional()
    .describe(
      "Who it runs as: `name`, `name:group`, or ids. Needs root. Sets HOME, USER and LOGNAME. Default: whoever runs Evenkeel.",
    ),
  env: z
    .record(envName, envValue)
    .prefault({})
    .describe(
      "Added to PATH, HOME, LANG, TZ and TMPDIR, which are all it inherits; may have the same placeholders. PORT is set where it has a port.",
    ),
  umask: umask.optional().describe("Default: Evenkeel's own."),
  instances: count(0, 1_000).prefault(1).describe("How many of it there are."),
  upstream: name.optional().describe("Its instances are endpoints of this upstream while ready."),
  weight: count(0, 65_535).prefault(1).describe("Of its endpoints."),
  host: textScalar("an IP address or a host name without port", { "x-type": "host" }, (host) =>
    /^[A-Za-z0-9_.:-]+$/.test(host) ? host.toLowerCase() : undefined,
  )
    .prefault("127.0.0.1")
    .describe("Where its endpoints are reached, and its ports must be free."),
  ports: ports
    .optional()
    .describe(
      "Ports to choose from, in order; `auto` takes any free one. One more than instances lets a replacement be ready before the old one goes. Default: `auto` with `upstream` or where `{{port}}` is used, else none.",
    ),
  priority: count(0, 1_000_000).prefault(999).describe("Lower starts first and stops last."),
  depends_on: oneOrMany(name, 0)
    .prefault([])
    .describe("Processes that must be up before this one is started, and that stop after it."),
  autostart: z
    .boolean()
    .prefault(true)
    .describe("Starts with Evenkeel; else when somebody asks for it."),
  ready: ready
    .optional()
    .describe(
      "When an instance counts as ready: `notify`, `tcp`, or a map with one of `http`, `tcp`, `command`, `notify`, `uptime`. Default: `tcp` with `upstream`, else `{ uptime: 1s }`.",
    ),
  restart: restart
    .prefault({})
    .describe("What follows an exit nobody asked for: `always`, `unexpected`, `never`, or a map."),
  stop: stop.prefault({}).describe("How it is ended."),
  memory: sizeOrOff
    .prefault("off")
    .describe("An instance with more resident memory is replaced; `off`: no bound."),
  metrics: requestTarget
    .optional()
    .describe("Page with Prometheus metrics of each instance, such as `/metrics`."),
  logs: logs.prefault({}).describe("Where its output goes."),
});

/** The same, checked. */
export type ProcessConfig = z.output<typeof processSchema>;
