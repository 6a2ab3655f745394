/**
 * The catalogue of reasons: every way a request can fail or be refused, with what the client is
 * told and whose fault it was. One table, so that statuses, metrics, logs and docs/errors.md agree.
 */

export interface Reason {
  /** Position in `reasons`: the column in the board. */
  readonly number: number;
  /** The word in logs, metrics and on error pages. */
  readonly code: ReasonCode;
  /** The answer's status; 0 where nobody is left to answer. */
  readonly status: number;
  /** Whose fault: the client's, the origin's, or Evenkeel's own (its limits, its state). */
  readonly side: "client" | "origin" | "internal";
  /** One sentence for the client: no internals. */
  readonly text: string;
}

const table = {
  // The client's.
  bad_request_line: [400, "client", "The request line is malformed."],
  bad_target: [400, "client", "The request target is malformed."],
  bad_header: [400, "client", "A header field is malformed."],
  bad_line_ending: [400, "client", "A line does not end with CR LF."],
  bad_host: [400, "client", "The Host header is missing, repeated or malformed."],
  bad_content_length: [400, "client", "The Content-Length header is malformed or repeated."],
  ambiguous_length: [400, "client", "The length of the body is given in more than one way."],
  bad_transfer_encoding: [400, "client", "The Transfer-Encoding header is malformed."],
  unsupported_transfer_encoding: [501, "client", "This transfer coding is not supported."],
  bad_chunk: [400, "client", "The chunked body is malformed."],
  bad_trailer: [400, "client", "A trailer field is malformed."],
  request_line_too_long: [414, "client", "The request target is too long."],
  headers_too_large: [431, "client", "The header section is too large."],
  too_many_headers: [431, "client", "There are too many header fields."],
  body_too_large: [413, "client", "The request body is too large."],
  version_not_supported: [505, "client", "This HTTP version is not supported."],
  method_not_supported: [501, "client", "This method is not supported."],
  expectation_failed: [417, "client", "The expectation can't be met."],
  header_timeout: [408, "client", "The request took too long to arrive."],
  body_timeout: [408, "client", "The request body took too long to arrive."],
  client_closed: [0, "client", "The client went away."],
  client_too_slow: [0, "client", "The client did not read its answer."],
  address_denied: [403, "client", "Access is denied."],
  rate_limited: [429, "client", "Too many requests."],
  no_route: [404, "client", "Nothing is served here."],
  loop_detected: [508, "client", "The request has been here before."],
  // The origin's.
  connect_failed: [502, "origin", "The service can't be reached."],
  connect_timeout: [504, "origin", "The service can't be reached in time."],
  origin_closed: [502, "origin", "The service closed the connection."],
  origin_reset: [502, "origin", "The service broke off its answer."],
  bad_response: [502, "origin", "The service gave a malformed answer."],
  response_header_too_large: [502, "origin", "The service's header section is too large."],
  first_byte_timeout: [504, "origin", "The service did not answer in time."],
  idle_timeout: [504, "origin", "The service stopped answering."],
  total_timeout: [504, "origin", "The request took too long."],
  // Evenkeel's own.
  no_endpoint: [503, "internal", "The service is not available."],
  queue_full: [503, "internal", "The service is busy."],
  queue_timeout: [503, "internal", "The service is busy."],
  breaker_open: [503, "internal", "The service is not available."],
  breaker_limit: [503, "internal", "The service is busy."],
  too_many_connections: [503, "internal", "Too many connections."],
  shutting_down: [503, "internal", "The service is shutting down."],
  internal_error: [500, "internal", "Something went wrong."],
} as const satisfies Record<string, readonly [number, Reason["side"], string]>;

export type ReasonCode = keyof typeof table;

/** Every reason, in the order of its number. */
export const reasons: readonly Reason[] = Object.freeze(
  (Object.entries(table) as [ReasonCode, readonly [number, Reason["side"], string]][]).map(
    ([code, [status, side, text]], number) => Object.freeze({ number, code, status, side, text }),
  ),
);

/** The reasons by their code. */
export const reason: Readonly<Record<ReasonCode, Reason>> = Object.freeze(
  Object.fromEntries(reasons.map((one) => [one.code, one])) as Record<ReasonCode, Reason>,
);
