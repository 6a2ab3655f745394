import { corpus } from "../notation.ts";

/** Answers of origins: status lines, fields, framing. */
export const allResponses = corpus(String.raw`
# plain | RFC 9112 section 2.1
HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello
=> 200 length:5 keep body="hello"

# no phrase, with its space | RFC 9112 section 4
HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n
=> 200 none keep

# no phrase, without its space | common in old servers
HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n
=> 200 none keep

# phrase of several words and obs-text
HTTP/1.1 404 Nicht gefunden \xfc!\r\nContent-Length: 0\r\n\r\n
=> 404 none keep

# phrase of blanks
HTTP/1.1 200 \t \r\nContent-Length: 0\r\n\r\n
=> 200 none keep

# NUL in the phrase
HTTP/1.1 200 O\x00K\r\nContent-Length: 0\r\n\r\n
=> refused bad_response

# bare CR in the phrase | response splitting, own
HTTP/1.1 200 OK\rX: y\r\nContent-Length: 0\r\n\r\n
=> refused bad_response

# HTTP/1.0 ends with the connection
HTTP/1.0 200 OK\r\n\r\nhello
=> 200 until_close close body="hello"

# HTTP/1.0 with length and keep-alive
HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi
=> 200 length:2 keep body="hi"

# HTTP/1.0 with length
HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi
=> 200 length:2 close body="hi"

# HTTP/1.0 with chunked | RFC 9112 section 6.1
HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n
=> refused bad_response

# HTTP/2.0
HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n
=> refused bad_response

# HTTP/1.2
HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n
=> refused bad_response

# HTTP/0.9
<html>hello</html>
=> refused bad_response

# lower-case protocol name
http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n
=> refused bad_response

# other protocol | Shoutcast
ICY 200 OK\r\n\r\n
=> refused bad_response

# SSH banner
SSH-2.0-OpenSSH_9.2\r\n
=> refused bad_response

# empty line before
\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n
=> refused bad_response

# space before
\x20HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n
=> refused bad_response

# two spaces before the status
HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n
=> refused bad_response

# tab before the status
HTTP/1.1\t200 OK\r\nContent-Length: 0\r\n\r\n
=> refused bad_response

# tab behind the status
HTTP/1.1 200\tOK\r\nContent-Length: 0\r\n\r\n
=> refused bad_response

# no status
HTTP/1.1 OK\r\nContent-Length: 0\r\n\r\n
=> refused bad_response

# status of two digits
HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n
=> refused bad_response

# status of four digits
HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n
=> refused bad_response

# status below 100
HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n
=> refused bad_response

# status 600 | RFC 9110 section 15
HTTP/1.1 600 Odd\r\nContent-Length: 0\r\n\r\n
=> refused bad_response

# status 599
HTTP/1.1 599 Odd\r\nContent-Length: 0\r\n\r\n
=> 599 none keep

# signed status
HTTP/1.1 +20 OK\r\nContent-Length: 0\r\n\r\n
=> refused bad_response

# bare LF everywhere | old CGI scripts
HTTP/1.1 200 OK\nContent-Length: 0\n\n
=> refused bad_response

# bare LF behind a field
HTTP/1.1 200 OK\r\nX: y\nContent-Length: 0\r\n\r\n
=> refused bad_response

# bare CR in a value
HTTP/1.1 200 OK\r\nX: y\rSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n
=> refused bad_response

# obs-fold
HTTP/1.1 200 OK\r\nX: y\r\n z\r\nContent-Length: 0\r\n\r\n
=> refused bad_response

# space before the colon | RFC 9112 section 5.1
HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n
=> refused bad_response

# no colon
HTTP/1.1 200 OK\r\nhello\r\nContent-Length: 0\r\n\r\n
=> refused bad_response

# no name
HTTP/1.1 200 OK\r\n: y\r\nContent-Length: 0\r\n\r\n
=> refused bad_response

# NUL in a value
HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 0\r\n\r\n
=> refused bad_response

# raw UTF-8 in a value
HTTP/1.1 200 OK\r\nX-Name: J\xc3\xbcrgen\r\nContent-Length: 0\r\n\r\n
=> 200 none keep

# no framing | RFC 9112 section 6.3
HTTP/1.1 200 OK\r\n\r\nhello
=> 200 until_close close body="hello"

# no framing, nothing behind
HTTP/1.1 200 OK\r\n\r\n
=> 200 until_close close

# chunked
HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n
=> 200 chunked keep body="hi"

# chunked with a trailer
HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\nSet-Cookie: a=b\r\n\r\n
=> 200 chunked keep body="hi" tail="X-Sum: 1\r\n\r\n"

# chunked with a bare LF
HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\nhi\n0\n\n
=> refused bad_chunk

# chunked, then another answer
HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n
=> 200 chunked keep body="" rest="HTTP/1.1 200 OK\r\n"

# both length and coding | response queue poisoning, Kettle 2021
HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n
=> refused bad_response

# both length and coding to HEAD (HEAD)
HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n
=> refused bad_response

# two equal lengths
HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi
=> refused bad_response

# two unequal lengths | response splitting, Klein 2004
HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\nhi
=> refused bad_response

# list of lengths
HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nhi
=> refused bad_response

# negative length
HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhi
=> refused bad_response

# empty length
HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nhi
=> refused bad_response

# length with a unit
HTTP/1.1 200 OK\r\nContent-Length: 2 bytes\r\n\r\nhi
=> refused bad_response

# bad length to HEAD (HEAD)
HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n
=> refused bad_response

# gzip coding
HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n
=> refused bad_response

# identity coding
HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nhi
=> refused bad_response

# chunked twice
HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n
=> refused bad_response

# vertical tab before chunked
HTTP/1.1 200 OK\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n
=> refused bad_response

# length to HEAD (HEAD) | RFC 9112 section 6.3
HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\n
=> 200 none keep rest="HTTP/1.1 200 OK\r\n"

# chunked to HEAD (HEAD) | RFC 9112 section 6.1
HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n
=> 200 none keep

# nothing about the body to HEAD (HEAD)
HTTP/1.1 200 OK\r\n\r\n
=> 200 none keep

# 304 with a length | RFC 9110 section 8.6
HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: "a"\r\n\r\n
=> 304 none keep

# 304 with a coding | RFC 9112 section 6.1
HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n
=> 304 none keep

# 204
HTTP/1.1 204 No Content\r\n\r\n
=> 204 none keep

# 204 with a length of zero
HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n
=> 204 none keep

# 204 with a length | RFC 9110 section 8.6
HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello
=> refused bad_response

# 204 with a coding | RFC 9112 section 6.1
HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n
=> refused bad_response

# 205 with a length of zero
HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n
=> 205 none keep

# 100
HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n
=> 100 none keep rest="HTTP/1.1 200 OK\r\n"

# 103 with a field
HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n
=> 103 none keep

# 100 with a length
HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nhello
=> refused bad_response

# 101
HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x00
=> 101 none keep upgrade rest="\u0081\u0000"

# 101 to nothing
HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n
=> refused bad_response

# 101 that Connection does not name
HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n
=> refused bad_response

# 101 in HTTP/1.0
HTTP/1.0 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n
=> refused bad_response

# close
HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi
=> 200 length:2 close body="hi"

# Connection names an ordinary field
HTTP/1.1 200 OK\r\nConnection: X-Own\r\nX-Own: 1\r\nContent-Length: 0\r\n\r\n
=> 200 none keep

# Connection names Content-Length
HTTP/1.1 200 OK\r\nConnection: content-length\r\nContent-Length: 2\r\n\r\nhi
=> refused bad_response

# Connection with a bad option
HTTP/1.1 200 OK\r\nConnection: {}\r\nContent-Length: 2\r\n\r\nhi
=> refused bad_response

# status line of the largest length
HTTP/1.1 200 {a*1011}\r\nContent-Length: 0\r\n\r\n
=> 200 none keep

# status line one octet longer
HTTP/1.1 200 {a*1012}\r\nContent-Length: 0\r\n\r\n
=> refused response_header_too_large

# status line without an end
HTTP/1.1 200 {a*2000}
=> refused response_header_too_large

# header section without an end
HTTP/1.1 200 OK\r\nX: {a*5000}
=> refused response_header_too_large

# too many fields
HTTP/1.1 200 OK\r\n{X:y\r\n*51}\r\n
=> refused response_header_too_large

# head cut in a value
HTTP/1.1 200 OK\r\nContent-Le
=> incomplete

# head cut in the status
HTTP/1.1 2
=> incomplete

# body cut
HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel
=> incomplete
`);
