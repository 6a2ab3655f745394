/** Who is told of alerts. */
import { z } from "zod";
import { anyText, count, headerName, headerValue, someText } from "./scalars.ts";
import { oneOrMany, scalar, textScalar } from "./variants.ts";

/** A whole address; what is in it may be a secret, so it is never shown. */
const webUrl = textScalar(
  'an address such as "https://hooks.example/x", without user and password',
  { "x-type": "address", examples: ["https://hooks.example/x"] },
  (text) => {
    const url = URL.parse(text);
    const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
    return isWeb && url.username === "" && url.password === "" ? text : undefined;
  },
);

const secretFile = someText.optional();

const pagerduty = z.strictObject({
  routing_key: textScalar("the 32 characters of an integration key", { "x-type": "text" }, (text) =>
    /^[A-Za-z0-9]{32}$/.test(text) ? text : undefined,
  )
    .optional()
    .describe("The integration key of an Events API v2 integration."),
  routing_key_file: secretFile.describe("File with it, relative to this file."),
  url: webUrl
    .prefault("https://events.pagerduty.com/v2/enqueue")
    .describe("Where events are posted. For the EU: `https://events.eu.pagerduty.com/v2/enqueue`."),
});

const slack = z.strictObject({
  url: webUrl.optional().describe("The address of an incoming webhook. It is a secret."),
  url_file: secretFile.describe("File with it, relative to this file."),
  channel: someText
    .optional()
    .describe("Another channel than the webhook's own; only old webhooks allow that."),
});

const mailAddress = textScalar(
  'an address such as "ops@example.com" or "Evenkeel <lb@example.com>"',
  { "x-type": "mail address", examples: ["ops@example.com"] },
  (text) =>
    /^(?:[^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s,;]+@[^<>@\s,;]+)$/.test(text) ? text : undefined,
);

const email = z.strictObject({
  from: mailAddress.describe("Who it is from."),
  to: oneOrMany(mailAddress).describe("Who gets it."),
  host: someText.describe("The mail server."),
  port: count(1, 65_535).prefault(587).describe("Its port."),
  tls: z
    .enum(["starttls", "implicit", "off"])
    .optional()
    .describe(
      "`starttls` insists on it, `implicit` speaks TLS from the first byte. Default: `implicit` at port 465, else `starttls`.",
    ),
  user: someText.optional().describe("Who logs in; needs a password."),
  password: someText.optional().describe("Prefer `password_file` or `${NAME}`."),
  password_file: secretFile.describe("File with it, relative to this file."),
});

const webhookKeys = {
  url: webUrl
    .optional()
    .describe("What is called. May have placeholders; they are encoded. It may be a secret."),
  url_file: secretFile.describe("File with it, relative to this file."),
  method: z.enum(["POST", "PUT", "GET"]).prefault("POST").describe("`GET` has no body."),
  headers: z
    .record(
      z.string().refine((key) => headerName.safeParse(key).success, "must be a header name"),
      headerValue,
    )
    .prefault({})
    .describe("Further headers; secrets as `${NAME}`."),
  user: someText.optional().describe("Sent with the password as `Authorization: Basic …`."),
  password: someText.optional().describe("Prefer `password_file` or `${NAME}`."),
  password_file: secretFile.describe("File with it, relative to this file."),
  token: someText.optional().describe("Sent as `Authorization: Bearer …`."),
  token_file: secretFile.describe("File with it, relative to this file."),
};

const bodyText =
  "The body, with placeholders such as `{{summary}}` (docs/alerts.md lists them); values are made safe for the content type.";

const webhook = z.strictObject({
  ...webhookKeys,
  body: anyText.optional().describe(`${bodyText} Default: the JSON of Alertmanager's webhooks.`),
  content_type: headerValue.prefault("application/json").describe("Of the body."),
});

const sms = z.strictObject({
  ...webhookKeys,
  body: anyText.optional().describe(`${bodyText} Needed unless the method is \`GET\`.`),
  content_type: headerValue.prefault("application/x-www-form-urlencoded").describe("Of the body."),
});

const alertmanager = z.strictObject({
  url: webUrl.describe("Where it is; `/api/v2/alerts` is added."),
});

/** One receiver as written: exactly one of its kinds. That is checked with the whole file. */
export const receiverSchema = z.strictObject({
  pagerduty: pagerduty
    .optional()
    .describe("PagerDuty (Events API v2): one incident per group of alerts."),
  slack: slack.optional().describe("A channel of Slack."),
  email: email.optional().describe("Mail over SMTP; the mails of a group are a thread."),
  webhook: webhook.optional().describe("Any address that takes a request."),
  sms: sms.optional().describe("Like `webhook`, for gateways that send text messages."),
  alertmanager: alertmanager
    .optional()
    .describe("An Alertmanager (API v2), which groups, repeats and tells by itself."),
  send_resolved: z
    .boolean()
    .optional()
    .describe("Whether it hears that alerts are over. Default: true, but false for `sms`."),
});

/** The same, checked. */
export type ReceiverConfig = z.output<typeof receiverSchema>;

/** The kinds of receivers. */
export const receiverWords = [
  "pagerduty",
  "slack",
  "email",
  "webhook",
  "sms",
  "alertmanager",
] as const;

/** A time with its zone. */
export const instant = scalar<number>(
  'a time with its zone such as "2027-03-01T22:00:00Z" or "2027-03-01T22:00:00+01:00"',
  { type: "string", "x-type": "time", examples: ["2027-03-01T22:00:00Z"] },
  (value) => {
    const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)$/;
    const time = typeof value === "string" && form.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isNaN(time) ? undefined : time;
  },
);
