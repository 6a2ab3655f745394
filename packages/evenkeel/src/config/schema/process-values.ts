/** The values that only processes are written with. */
import { constants } from "node:os";
import { z } from "zod";
import { parseDuration } from "../../lib/duration.ts";
import { splitCommand } from "../split-command.ts";
import { count, someText } from "./scalars.ts";
import { list, off, oneOf, scalar, text, textScalar } from "./variants.ts";

/** A program and its arguments: a list, or text that is split at blanks; never a shell. */
export const command = oneOf<string[]>(
  'must be a list such as ["./app", "--port", "{{port}}"], or text',
  list(z.array(someText).min(1)),
  text(
    textScalar(
      "a program and its arguments, with every quote closed, such as \"./app --name 'my app'\"",
      { "x-type": "text", examples: ["./app --port {{port}}"] },
      (line) => {
        const words = splitCommand(line);
        return words && words.length > 0 ? words : undefined;
      },
    ),
  ),
);

/** Who a process runs as, as written; looked up later. */
export interface WrittenUser {
  /** A name or digits. */
  readonly user: string;
  /** A name or digits; undefined for the user's own. */
  readonly group: string | undefined;
}

const account = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}\$?$/;

/** `name`, `name:group` or ids. */
export const user = scalar<WrittenUser>(
  'a user such as "app", "app:www" or "1000:1000"',
  { type: ["string", "integer"], "x-type": "user", examples: ["app", "app:www"] },
  (value) => {
    const [user = "", group, ...more] = String(value).split(":");
    if (more.length > 0 || !account.test(user)) return undefined;
    return group === undefined || account.test(group) ? { user, group } : undefined;
  },
);

/** 0 to 0o777, written in octal as every shell does. */
export const umask = textScalar(
  'an octal number in quotes such as "027"',
  { "x-type": "octal number", pattern: "^[0-7]{3,4}$", examples: ["027"] },
  (text) => {
    const mask = /^[0-7]{3,4}$/.test(text) ? Number.parseInt(text, 8) : -1;
    return mask >= 0 && mask <= 0o777 ? mask : undefined;
  },
);

const someOf = /^(\d{1,5})(?:-(\d{1,5}))?$/;
const fewPorts = 10_000;

const portRange = scalar<readonly number[]>(
  `a port, or a range such as "9100-9199" of up to ${fewPorts}`,
  { type: ["integer", "string"], "x-type": "port or range", examples: ["9100-9199", 9100] },
  (value) => {
    const found = someOf.exec(String(value));
    const from = Number(found?.[1]);
    const to = Number(found?.[2] ?? found?.[1]);
    if (!found || from < 1 || to > 65_535 || to < from || to - from >= fewPorts) return undefined;
    return Array.from({ length: to - from + 1 }, (_, at) => from + at);
  },
);

const auto = textScalar<readonly number[]>(
  'auto, a port, a range such as "9100-9199", or a list of them',
  { enum: ["auto"] },
  (text) => (text === "auto" ? [] : undefined),
);

/** Ports to choose from, in order, each once; empty for `auto`. */
export const ports = oneOf<readonly number[]>(
  'must be auto, a port, a range such as "9100-9199", or a list of them',
  { applies: (value) => value === "auto", schema: auto },
  { applies: (value) => typeof value !== "object", schema: portRange },
  list(
    z
      .array(portRange)
      .min(1)
      .transform((ranges) => [...new Set(ranges.flat())]),
  ),
);

/** A value of the environment; numbers and truth values are taken as they are written. */
export const envValue = scalar<string>(
  "text, a number, true or false",
  { type: ["string", "number", "boolean"], "x-type": "text" },
  (value) => {
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    return typeof value === "string" && !value.includes("\0") ? value : undefined;
  },
);

const envRule = "must be a name such as LOG_LEVEL, and not begin with EVENKEEL_";

/** A name in the environment. Evenkeel's own are its own. */
export const envName = z.string().regex(/^(?!EVENKEEL_)[A-Za-z_][A-Za-z0-9_]*$/, envRule);

/** Milliseconds, 0 included. */
export const delay = textScalar(
  'a duration such as "1s" or "0s"',
  { "x-type": "duration", examples: ["1s", "500ms", "0s"] },
  parseDuration,
);

/** So many restarts within so long. */
export interface RestartLimit {
  readonly count: number;
  readonly windowMs: number;
}

/** `5 in 10m`; undefined for `off`. */
export const restartLimit = oneOf<RestartLimit | undefined>(
  'must be a number of restarts in a time such as "5 in 10m", or off',
  off<RestartLimit | undefined>(undefined),
  text(
    textScalar<RestartLimit | undefined>(
      'a number of restarts in a time such as "5 in 10m", or off',
      { "x-type": "restarts in a time", examples: ["5 in 10m"] },
      (written) => {
        const found = /^(\d{1,3}) ?(?:in|\/) ?(\S+)$/.exec(written);
        const windowMs = parseDuration(found?.[2] ?? "") ?? 0;
        const count = Number(found?.[1] ?? 0);
        return count > 0 && windowMs > 0 ? { count, windowMs } : undefined;
      },
    ),
  ),
);

/** A signal's name, with SIG in front. */
export const signal = textScalar<NodeJS.Signals>(
  'a signal such as "TERM", "INT" or "QUIT"',
  { "x-type": "signal", examples: ["TERM", "INT", "QUIT"] },
  (text) => {
    const upper = text.toUpperCase();
    const name = upper.startsWith("SIG") ? upper : `SIG${upper}`;
    return Object.hasOwn(constants.signals, name) ? (name as NodeJS.Signals) : undefined;
  },
);

/** An exit code. */
export const exitCode = count(0, 255);
