/** Reads what an Evenkeel before wrote, and believes none of it unseen. */
import type { LaunchOrder } from "../contract.ts";
import { parseIdentity } from "./identity.ts";
import type { JournalEntry } from "./journal.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Undefined for anything but an entry of this version. */
export function parseEntry(value: unknown): JournalEntry | undefined {
  if (!isFields(value) || value["version"] !== 1) return undefined;
  const order = parseOrder(value["order"]);
  const { identity: written, startedAtMs, ready } = value;
  const identity = parseIdentity(written);
  if (!order || (written !== undefined && !identity)) return undefined;
  if (typeof startedAtMs !== "number" || typeof ready !== "boolean") return undefined;
  return { order, identity, startedAtMs, ready };
}

function parseOrder(value: unknown): LaunchOrder | undefined {
  if (!isFields(value)) return undefined;
  const { run, process, index, command, cwd, user, umask, port } = value;
  const { stdoutPath, stderrPath, notify, fingerprint } = value;
  const texts = [run, process, cwd, stdoutPath, stderrPath, fingerprint];
  if (!texts.every((text) => typeof text === "string")) return undefined;
  if (!isNumber(index) || !isOptionalNumber(umask) || !isOptionalNumber(port)) return undefined;
  if (typeof notify !== "boolean" || !isTexts(command) || !isUser(user)) return undefined;
  return {
    run: run as string,
    process: process as string,
    index,
    command,
    cwd: cwd as string,
    env: {},
    user,
    umask,
    stdoutPath: stdoutPath as string,
    stderrPath: stderrPath as string,
    notify,
    port,
    fingerprint: fingerprint as string,
  };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isOptionalNumber(value: unknown): value is number | undefined {
  return value === undefined || isNumber(value);
}

function isUser(value: unknown): value is LaunchOrder["user"] {
  return (
    value === undefined || (isFields(value) && isNumber(value["uid"]) && isNumber(value["gid"]))
  );
}
