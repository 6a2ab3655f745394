import { corpus } from "../notation.ts";

/** Request lines, versions and line ends. */
export const lineCases = corpus(String.raw`
# plain | RFC 9112 section 2.1
GET / HTTP/1.1\r\nHost: a.example\r\n\r\n
=> GET / a.example none keep

# one empty line before | RFC 9112 section 2.2
\r\nGET / HTTP/1.1\r\nHost: a.example\r\n\r\n
=> GET / a.example none keep

# two empty lines before
\r\n\r\nGET / HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# bare LF before
\nGET / HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_line_ending

# bare CR before
\rGET / HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_line_ending

# space before the method
 \x20GET / HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# only empty lines
\r\n
=> incomplete

# nothing of a line yet
GE
=> incomplete

# bare LF behind the request line | RFC 9112 section 2.2
GET / HTTP/1.1\nHost: a.example\r\n\r\n
=> refused bad_line_ending

# bare LF everywhere | RFC 9112 section 2.2
GET / HTTP/1.1\nHost: a.example\n\n
=> refused bad_line_ending

# bare LF behind a field | HAProxy CVE-2021-40346 era probes
GET / HTTP/1.1\r\nHost: a.example\nX: y\r\n\r\n
=> refused bad_line_ending

# bare LF as the empty line
GET / HTTP/1.1\r\nHost: a.example\r\n\n
=> refused bad_line_ending

# bare CR behind the request line
GET / HTTP/1.1\rHost: a.example\r\n\r\n
=> refused bad_line_ending

# bare CR behind a field
GET / HTTP/1.1\r\nHost: a.example\rX: y\r\n\r\n
=> refused bad_line_ending

# bare CR within a value | Node CVE-2023-30589
GET / HTTP/1.1\r\nHost: a.example\r\nX: a\rTransfer-Encoding: chunked\r\n\r\n
=> refused bad_line_ending

# CR CR LF behind a field
GET / HTTP/1.1\r\nHost: a.example\r\r\n\r\n
=> refused bad_line_ending

# CR CR LF as the empty line
GET / HTTP/1.1\r\nHost: a.example\r\n\r\r\n
=> refused bad_line_ending

# LF CR
GET / HTTP/1.1\r\nHost: a.example\n\r\n
=> refused bad_line_ending

# two spaces before the target
GET  / HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# two spaces before the version
GET /  HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# tab behind the method | RFC 9112 section 3
GET\t/ HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# tab before the version
GET /\tHTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# vertical tab behind the method
GET\x0b/ HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# space behind the version
GET / HTTP/1.1 \r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# tab behind the version
GET / HTTP/1.1\t\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# HTTP/0.9 simple request | RFC 1945 section 4.1
GET /\r\n
=> refused bad_request_line

# HTTP/0.9 simple request with a bare LF
GET /\n
=> refused bad_line_ending

# method alone
GET\r\n\r\n
=> refused bad_request_line

# no method
\x20/ HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# no target
GET HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# no target but its spaces
GET  HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# words behind the version
GET / HTTP/1.1 foo\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# a space in the target | own
GET /a b HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# HTTP/1.0
GET / HTTP/1.0\r\n\r\n
=> GET / - none close

# HTTP/1.0 with Host and keep-alive
GET / HTTP/1.0\r\nHost: a.example\r\nConnection: Keep-Alive\r\n\r\n
=> GET / a.example none keep

# HTTP/1.2
GET / HTTP/1.2\r\nHost: a.example\r\n\r\n
=> refused version_not_supported

# HTTP/1.9
GET / HTTP/1.9\r\nHost: a.example\r\n\r\n
=> refused version_not_supported

# HTTP/0.9 spelt out
GET / HTTP/0.9\r\nHost: a.example\r\n\r\n
=> refused version_not_supported

# HTTP/2 preface | RFC 9113 section 3.4
PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n
=> refused version_not_supported

# HTTP/3.0
GET / HTTP/3.0\r\nHost: a.example\r\n\r\n
=> refused version_not_supported

# lower-case protocol name | RFC 9112 section 2.3
GET / http/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# version of two digits
GET / HTTP/1.10\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# version of two digits before the dot
GET / HTTP/11.1\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# version without a dot
GET / HTTP/1\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# version with a comma
GET / HTTP/1,1\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# version with a letter
GET / HTTP/1.x\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# other protocol
GET / ICAP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# TLS hello on a plain port
\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03
=> refused bad_request_line

# SSH banner
SSH-2.0-OpenSSH_9.2\r\n
=> refused bad_request_line

# unknown method
BREW /pot HTTP/1.1\r\nHost: a.example\r\n\r\n
=> BREW /pot a.example none keep

# method of odd token characters | RFC 9110 section 5.6.2
M-SEARCH!#$%&'*+.^_~ / HTTP/1.1\r\nHost: a.example\r\n\r\n
=> M-SEARCH!#$%&'*+.^_~ / a.example none keep

# lower-case method is another method | RFC 9110 section 9.1
get / HTTP/1.1\r\nHost: a.example\r\n\r\n
=> get / a.example none keep

# method with a separator
G(T / HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# method with a NUL
G\x00T / HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# method beyond ASCII
G\xc9T / HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# CONNECT in authority form | RFC 9110 section 9.3.6
CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n
=> refused method_not_supported

# CONNECT in origin form
CONNECT / HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused method_not_supported

# TRACE
TRACE / HTTP/1.1\r\nHost: a.example\r\n\r\n
=> TRACE / a.example none keep

# DELETE without a body
DELETE /x HTTP/1.1\r\nHost: a.example\r\n\r\n
=> DELETE /x a.example none keep

# two requests in one read | RFC 9112 section 9.3.2
GET /1 HTTP/1.1\r\nHost: a.example\r\n\r\nGET /2 HTTP/1.1\r\nHost: a.example\r\n\r\n
=> GET /1 a.example none keep rest="GET /2 HTTP/1.1\r\nHost: a.example\r\n\r\n"

# head without its empty line
GET / HTTP/1.1\r\nHost: a.example\r\n
=> incomplete

# head cut in the last CR LF
GET / HTTP/1.1\r\nHost: a.example\r\n\r
=> incomplete
`);
