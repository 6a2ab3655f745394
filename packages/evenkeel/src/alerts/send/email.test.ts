import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { SMTPServer } from "smtp-server";
import type { ReceiverSettings } from "../../snapshot/alert-settings.ts";
import { message, told } from "../testing/messages.ts";
import { createSend } from "./create-send.ts";
import { mailOf } from "./email.ts";

const send = createSend({ source: "lb-1" });
const never = new AbortController().signal;

describe("mail over SMTP", () => {
  const mails: string[] = [];
  let fail: { readonly code: number; readonly at: "rcpt" | "data" } | undefined;
  const server = new SMTPServer({
    disabledCommands: ["STARTTLS"],
    logger: false,
    authOptional: true,
    onAuth: ({ username, password }, _session, done) =>
      username === "lb" && password === "right"
        ? done(null, { user: username })
        : done(Object.assign(new Error("no such user: wrong-password"), { responseCode: 535 })),
    onRcptTo: (_address, _session, done) => done(refusal("rcpt")),
    onData(stream, _session, done) {
      let text = "";
      stream.on("data", (chunk: Buffer) => void (text += chunk.toString("utf8")));
      stream.on("end", () => {
        const error = refusal("data");
        if (!error) mails.push(text);
        done(error);
      });
    },
  });
  const refusal = (at: "rcpt" | "data"): Error | undefined =>
    fail?.at === at ? Object.assign(new Error("not now"), { responseCode: fail.code }) : undefined;

  let port = 0;
  before(async () => {
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    port = (server.server.address() as AddressInfo).port;
  });
  after(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
      }),
  );

  const receiver = (more: object = {}): ReceiverSettings => ({
    name: "mail",
    word: "email",
    kind: "email",
    sendResolved: true,
    from: "Evenkeel <lb@example.com>",
    to: ["a@example.com", "b@example.com"],
    host: "127.0.0.1",
    port,
    tls: "off",
    user: undefined,
    password: undefined,
    ...more,
  });

  test("has a text, a page, and what programs that answer mail look for", async () => {
    const alert = told("errors", { severity: "P0", summary: "Fehler <script> über 1 %" });
    const outcome = await send(receiver(), message([alert]), never);
    assert.equal(outcome.kind, "sent", outcome.text);
    assert.match(outcome.text, /^it answered 250/);
    const mail = mails.at(-1)!;
    assert.match(mail, /^From: Evenkeel <lb@example.com>$/m);
    assert.match(mail, /^To: a@example.com, b@example.com$/m);
    assert.match(mail, /^Auto-Submitted: auto-generated$/m);
    assert.match(mail, /^Importance: high$/m);
    assert.match(mail, /multipart\/alternative/);
    assert.match(mail, /text\/plain/);
    assert.match(mail, /text\/html/);
    assert.ok(!mail.includes("<script>") || mail.indexOf("<script>") < mail.indexOf("text/html"));
  });

  test("logs in", async () => {
    const good = await send(
      receiver({ user: "lb", password: "right" }),
      message([told("a")]),
      never,
    );
    assert.equal(good.kind, "sent", good.text);
    const bad = await send(
      receiver({ user: "lb", password: "wrong-password" }),
      message([told("a")]),
      never,
    );
    assert.equal(bad.kind, "refused");
    assert.ok(!bad.text.includes("wrong-password"), bad.text);
  });

  for (const [code, at, kind] of [
    [451, "data", "failed"],
    [550, "rcpt", "refused"],
    [552, "data", "refused"],
    [450, "rcpt", "failed"],
  ] as const) {
    test(`${code} to ${at} means ${kind}`, async () => {
      fail = { code, at };
      const outcome = await send(receiver(), message([told("a")]), never);
      fail = undefined;
      assert.equal(outcome.kind, kind, outcome.text);
    });
  }

  test("insists on encryption where it is asked to", async () => {
    const outcome = await send(receiver({ tls: "starttls" }), message([told("a")]), never);
    assert.notEqual(outcome.kind, "sent");
  });

  test("nobody there means failed", async () => {
    const outcome = await send(receiver({ port: 1 }), message([told("a")]), never);
    assert.equal(outcome.kind, "failed");
    assert.match(outcome.text, /ECONNREFUSED/);
  });

  test("the abort cuts a server that says nothing", async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => {
      silent.listen(0, "127.0.0.1", resolve);
    });
    const abort = new AbortController();
    silent.once("connection", () => abort.abort());
    const port = (silent.address() as AddressInfo).port;
    const outcome = await send(receiver({ port }), message([told("a")]), abort.signal);
    assert.equal(outcome.kind, "failed");
    await new Promise<void>((resolve) => {
      silent.close(() => resolve());
    });
  });
});

test("the mails of a group are a thread, and a second try is the same mail", () => {
  const to = { from: "a@b.c", to: ["d@e.f"] };
  const first = mailOf(to, message([told("a")]), "lb 1");
  const again = mailOf(to, message([told("a")], { id: "id-2", first: false }), "lb 1");
  const other = mailOf(to, message([told("a")], { thread: "thread-2" }), "lb 1");
  assert.equal(again.references, first.messageId);
  assert.equal(again.inReplyTo, first.messageId);
  assert.notEqual(again.messageId, first.messageId);
  assert.notEqual(other.messageId, first.messageId);
  assert.match(first.messageId, /^<[0-9a-f]{32}@lb-1>$/);
  assert.deepEqual(mailOf(to, message([told("a")]), "lb 1"), first);
});

test("a summary with line ends can't add header fields", () => {
  const alert = told("a", { summary: "x\r\nBcc: evil@example.com" });
  const { subject } = mailOf({ from: "a@b.c", to: ["d@e.f"] }, message([alert]), "lb");
  assert.equal(subject, "[FIRING] P1 x Bcc: evil@example.com");
});
