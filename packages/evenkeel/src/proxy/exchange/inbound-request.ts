/**
 * The request being begun, as routing and forwarding see it. One object serves a whole proxy: it
 * describes the head parsed last, and is read before the next one is.
 */
import { reason, type Reason } from "../../errors/catalogue.ts";
import type { ClientConnection } from "../client/client-connection.ts";
import type { ReceivedForwarding } from "../edge/forwarded.ts";
import { fieldValues, isNameRepeated } from "./field-value.ts";
import { isRequestId, type RequestIds } from "../edge/request-id.ts";
import { fieldId, type RequestHead } from "../http1/contract.ts";
import { Recent } from "../http1/recent.ts";
import type { RoutableRequest } from "../router/contract.ts";
import { readTarget, type TargetReading } from "./target-reading.ts";

const noLines = new Uint8Array(0);

/** See the file's head. */
export class InboundRequest implements RoutableRequest {
  listener = "";
  method = "";
  host = "";
  path = "";
  query = "";
  clientAddress = "";
  /** With port, as sent. */
  authority = "";
  scheme = "http";
  /** The path as it goes to the origin where no rewrite applies. */
  pathToForward = "";
  /** The request line can go to the origin byte for byte. */
  isLineKept = false;
  /** Path and query as sent. */
  target = "";
  /** Header lines that tell the origin who the client is. */
  forwardedLines: Uint8Array = noLines;
  /** By what this balancer names itself in `Via`. */
  viaName = "";
  readonly #requestIds: RequestIds;
  readonly #targets = new Recent<TargetReading>((_bytes, _start, _end, text) => readTarget(text));
  #head: RequestHead | undefined;
  #requestId = "";

  constructor(requestIds: RequestIds) {
    this.#requestIds = requestIds;
  }

  /** The trusted proxy's, or one made when it is first asked for. */
  get requestId(): string {
    if (this.#requestId === "") this.#requestId = this.#requestIds();
    return this.#requestId;
  }

  header(name: string): string | undefined {
    return this.#head?.header(name);
  }

  /** Whether the header comes in more than one field. */
  isRepeated(lowerCaseName: string): boolean {
    return this.#head !== undefined && isNameRepeated(this.#head, lowerCaseName);
  }

  /** Takes over a parsed head; answers why it must be refused, with the fields set all the same.
   * `viaName` recognizes requests that passed here before; empty turns that off. */
  read(head: RequestHead, client: ClientConnection, viaName: string): Reason | undefined {
    this.#head = head;
    this.viaName = viaName;
    const reading = head.isOriginForm
      ? this.#targets.of(head.bytes, head.targetStart, head.targetEnd)
      : readTarget(head.target);
    this.listener = client.listener.snapshot.name;
    this.method = head.method;
    this.host = head.host;
    this.authority = head.authority;
    this.target = reading.target;
    this.query = reading.query;
    this.path = reading.path;
    this.pathToForward = reading.pathToForward;
    const isClientKnown = this.#readClient(head, client);
    if (!isClientKnown) return reason.bad_header;
    if (!reading.isGood) return reason.bad_target;
    // Not an absolute form, which the parser reduced to its path.
    this.isLineKept = head.isOriginForm && head.minorVersion === 1 && reading.isKept;
    if (viaName !== "" && head.find(fieldId.via) >= 0 && passedHere(head, viaName)) {
      return reason.loop_detected;
    }
    return undefined;
  }

  /** False where a trusted proxy said who it is, and that can't be read. */
  #readClient(head: RequestHead, client: ClientConnection): boolean {
    const { peer } = client;
    const { requestIdHeader } = client.listener.snapshot.forwarded;
    const resolved = peer.isTrusted
      ? peer.resolve(receivedForwarding(head), head.authority)
      : undefined;
    if (resolved === undefined) {
      this.clientAddress = peer.address;
      this.scheme = "http";
      this.forwardedLines = peer.lines(head.authority);
      this.#requestId = "";
      return !peer.isTrusted;
    }
    this.clientAddress = resolved.clientAddress;
    this.scheme = resolved.scheme;
    this.forwardedLines = Buffer.from(resolved.lines, "latin1");
    const given = requestIdHeader === "" ? undefined : head.header(requestIdHeader);
    this.#requestId = given !== undefined && isRequestId(given) ? given : "";
    return true;
  }
}

function receivedForwarding(head: RequestHead): ReceivedForwarding {
  const value = (id: number, name: string): string | undefined =>
    head.find(id) < 0 ? undefined : head.header(name);
  return {
    xForwardedFor: value(fieldId.xForwardedFor, "x-forwarded-for"),
    xForwardedProto: value(fieldId.xForwardedProto, "x-forwarded-proto"),
    xForwardedHost: value(fieldId.xForwardedHost, "x-forwarded-host"),
    xRealIp: value(fieldId.xRealIp, "x-real-ip"),
    forwarded: head.find(fieldId.forwarded) < 0 ? undefined : fieldValues(head, fieldId.forwarded),
  };
}

/** Whether `Via` names this balancer (RFC 9110 section 7.6.3: "1.1 name (comment), …"). */
function passedHere(head: RequestHead, viaName: string): boolean {
  const via = head.header("via") ?? "";
  return via.split(",").some((hop) => hop.trim().split(/\s+/)[1] === viaName);
}
