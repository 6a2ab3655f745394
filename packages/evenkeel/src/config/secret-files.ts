/** Secrets that stand in files of their own. */
import { resolve } from "node:path";
import type { Problem } from "./problem.ts";
import type { ReceiverConfig } from "./schema/alert-receivers.ts";
import type { RootConfig } from "./schema/root.ts";
import type { Path, Source } from "./source/source.ts";

/** Reads a whole text file; throws where it can't. */
export type ReadText = (file: string) => string;

/** What only one receiver of alerts and the receiver itself know. */
export interface ReceiverSecrets {
  readonly routingKey?: string | undefined;
  readonly url?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
}

/** The admin token, the sticky secret and those of receivers, from wherever they are written. Files are relative to
 * `folder`; white space around a file's text does not count. */
export function readSecrets(
  written: RootConfig,
  folder: string,
  readText: ReadText,
  source: Source,
): {
  readonly token: string | undefined;
  readonly stickySecret: string | undefined;
  readonly receivers: Readonly<Record<string, ReceiverSecrets>>;
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];

  function secret(value: string | undefined, file: string | undefined, path: Path) {
    if (file === undefined) return value;
    if (value !== undefined) {
      const key = String(path.at(-1)).replace(/_file$/, "");
      problems.push(source.problemAt(path, `can't be written together with ${key}`));
      return value;
    }
    let text: string;
    try {
      text = readText(resolve(folder, file)).trim();
    } catch (error) {
      const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
      problems.push(
        source.problemAt(path, `names a file that can't be read${code}`, { showGot: true }),
      );
      return undefined;
    }
    if (text === "")
      problems.push(source.problemAt(path, "names an empty file", { showGot: true }));
    return text;
  }

  const { admin } = written;
  const token = secret(admin.token, admin.token_file, ["admin", "token_file"]);
  const stickySecret = secret(written.sticky_secret, written.sticky_secret_file, [
    "sticky_secret_file",
  ]);
  const receivers = Object.fromEntries(
    Object.entries(written.alerts.receivers).map(([name, receiver]) => [
      name,
      readReceiver(receiver, ["alerts", "receivers", name], secret, (path, rule) =>
        problems.push(source.problemAt(path, rule)),
      ),
    ]),
  );
  return { token, stickySecret, receivers, problems };
}

type ReadSecret = (
  value: string | undefined,
  file: string | undefined,
  path: Path,
) => string | undefined;

function readReceiver(
  receiver: ReceiverConfig,
  path: Path,
  secret: ReadSecret,
  report: (path: Path, rule: string) => void,
): ReceiverSecrets {
  const { pagerduty, slack, email, webhook, sms } = receiver;
  const checked = (
    file: string | undefined,
    at: Path,
    value: string | undefined,
    { rule, what }: { readonly rule: RegExp; readonly what: string },
  ) => {
    // What is written in the configuration itself was checked with it.
    if (file !== undefined && value !== undefined && value !== "" && !rule.test(value)) {
      report(at, `names a file that does not hold ${what}`);
    }
    return value;
  };
  if (pagerduty) {
    const at = [...path, "pagerduty", "routing_key_file"];
    const { routing_key, routing_key_file: file } = pagerduty;
    return { routingKey: checked(file, at, secret(routing_key, file, at), routingKeyForm) };
  }
  const hook = slack ?? webhook ?? sms;
  const kind = slack ? "slack" : webhook ? "webhook" : sms ? "sms" : "email";
  const read = (key: "password" | "token", value?: string, file?: string) =>
    secret(value, file, [...path, kind, `${key}_file`]);
  if (email) return { password: read("password", email.password, email.password_file) };
  if (!hook) return {};
  const at = [...path, kind, "url_file"];
  const url = checked(hook.url_file, at, secret(hook.url, hook.url_file, at), webForm);
  const long = webhook ?? sms;
  return {
    url,
    password: read("password", long?.password, long?.password_file),
    token: read("token", long?.token, long?.token_file),
  };
}

const routingKeyForm = {
  rule: /^[A-Za-z0-9]{32}$/,
  what: "an integration key: 32 letters and digits",
};

/** User and password have keys of their own. */
const webForm = {
  rule: /^https?:\/\/[^\s/@]+(?:\/\S*)?$/,
  what: 'an address such as "https://hooks.example/x", without user and password',
};
