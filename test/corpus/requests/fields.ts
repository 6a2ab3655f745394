import { corpus } from "../notation.ts";

/** Header fields, what `Connection` does to them, and sizes. */
export const fieldCases = corpus(String.raw`
# obs-fold with a space | RFC 9112 section 5.2
GET / HTTP/1.1\r\nHost: a.example\r\nX: a\r\n b\r\n\r\n
=> refused bad_header

# obs-fold with a tab | RFC 9112 section 5.2
GET / HTTP/1.1\r\nHost: a.example\r\nX: a\r\n\tb\r\n\r\n
=> refused bad_header

# obs-fold of Transfer-Encoding | Kettle 2019
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n
=> refused bad_header

# white space before the first field | RFC 9112 section 2.2
GET / HTTP/1.1\r\n X: y\r\nHost: a.example\r\n\r\n
=> refused bad_header

# space before the colon | RFC 9112 section 5.1
GET / HTTP/1.1\r\nHost : a.example\r\n\r\n
=> refused bad_header

# tab before the colon | RFC 9112 section 5.1
GET / HTTP/1.1\r\nHost: a.example\r\nX\t: y\r\n\r\n
=> refused bad_header

# no name
GET / HTTP/1.1\r\nHost: a.example\r\n: y\r\n\r\n
=> refused bad_header

# no colon
GET / HTTP/1.1\r\nHost: a.example\r\nX\r\n\r\n
=> refused bad_header

# no colon but a space
GET / HTTP/1.1\r\nHost: a.example\r\nX y\r\n\r\n
=> refused bad_header

# name with a slash
GET / HTTP/1.1\r\nHost: a.example\r\nX/Y: z\r\n\r\n
=> refused bad_header

# name with a bracket
GET / HTTP/1.1\r\nHost: a.example\r\n[X]: z\r\n\r\n
=> refused bad_header

# name in quotes
GET / HTTP/1.1\r\nHost: a.example\r\n"X": z\r\n\r\n
=> refused bad_header

# name with a NUL
GET / HTTP/1.1\r\nHost: a.example\r\nX\x00Y: z\r\n\r\n
=> refused bad_header

# name beyond ASCII
GET / HTTP/1.1\r\nHost: a.example\r\nX\xe4: z\r\n\r\n
=> refused bad_header

# soft hyphen in a name | header name confusion, own
GET / HTTP/1.1\r\nHost: a.example\r\nContent\xadLength: 5\r\n\r\n
=> refused bad_header

# name of odd token characters | RFC 9110 section 5.6.2
GET / HTTP/1.1\r\nHost: a.example\r\n!#$%&'*+-.^_|~: z\r\n\r\n
=> GET / a.example none keep

# name with an underscore is another name | nginx underscores_in_headers
POST / HTTP/1.1\r\nHost: a.example\r\nContent_Length: 5\r\n\r\n
=> POST / a.example none keep

# NUL in a value
GET / HTTP/1.1\r\nHost: a.example\r\nX: a\x00b\r\n\r\n
=> refused bad_header

# backspace in a value
GET / HTTP/1.1\r\nHost: a.example\r\nX: a\x08b\r\n\r\n
=> refused bad_header

# vertical tab in a value
GET / HTTP/1.1\r\nHost: a.example\r\nX: a\x0bb\r\n\r\n
=> refused bad_header

# form feed in a value
GET / HTTP/1.1\r\nHost: a.example\r\nX: a\x0cb\r\n\r\n
=> refused bad_header

# escape in a value | log injection, own
GET / HTTP/1.1\r\nHost: a.example\r\nX: \x1b[31m\r\n\r\n
=> refused bad_header

# DEL in a value
GET / HTTP/1.1\r\nHost: a.example\r\nX: a\x7fb\r\n\r\n
=> refused bad_header

# tab in a value | RFC 9110 section 5.5
GET / HTTP/1.1\r\nHost: a.example\r\nX: a\tb\r\n\r\n
=> GET / a.example none keep

# obs-text in a value | RFC 9110 section 5.5
GET / HTTP/1.1\r\nHost: a.example\r\nX: \x80\xfc\xff\r\n\r\n
=> GET / a.example none keep

# empty value
GET / HTTP/1.1\r\nHost: a.example\r\nX:\r\n\r\n
=> GET / a.example none keep

# blank value
GET / HTTP/1.1\r\nHost: a.example\r\nX: \t \r\n\r\n
=> GET / a.example none keep

# value of a colon
GET / HTTP/1.1\r\nHost: a.example\r\nX::\r\n\r\n
=> GET / a.example none keep

# repeated field
GET / HTTP/1.1\r\nHost: a.example\r\nX: 1\r\nx: 2\r\n\r\n
=> GET / a.example none keep

# NUL between head and body
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1\r\n\x00\r\nx
=> refused bad_header

# close
GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n
=> GET / a.example none close

# close in a list in any case | RFC 9110 section 7.6.1
GET / HTTP/1.1\r\nHost: a.example\r\nConnection: ,X-Own ,\tCLOSE,\r\nX-Own: 1\r\n\r\n
=> GET / a.example none close

# close wins over keep-alive | RFC 9112 section 9.3
GET / HTTP/1.1\r\nHost: a.example\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n
=> GET / a.example none close

# HTTP/1.0 with both
GET / HTTP/1.0\r\nHost: a.example\r\nConnection: keep-alive, close\r\n\r\n
=> GET / a.example none close

# Proxy-Connection says nothing | RFC 9112 appendix C.2.2
GET / HTTP/1.0\r\nHost: a.example\r\nProxy-Connection: keep-alive\r\n\r\n
=> GET / a.example none close

# empty Connection
GET / HTTP/1.1\r\nHost: a.example\r\nConnection:\r\n\r\n
=> GET / a.example none keep

# Connection with a bad option
GET / HTTP/1.1\r\nHost: a.example\r\nConnection: a/b\r\n\r\n
=> refused bad_header

# Connection with two words in one option
GET / HTTP/1.1\r\nHost: a.example\r\nConnection: keep alive\r\n\r\n
=> refused bad_header

# Connection names an ordinary field
GET / HTTP/1.1\r\nHost: a.example\r\nConnection: X-Own\r\nX-Own: 1\r\n\r\n
=> GET / a.example none keep

# Connection names itself
GET / HTTP/1.1\r\nHost: a.example\r\nConnection: connection\r\n\r\n
=> GET / a.example none keep

# Connection names Cookie | Davison 2019, hop-by-hop headers
GET / HTTP/1.1\r\nHost: a.example\r\nConnection: cookie\r\nCookie: a=b\r\n\r\n
=> GET / a.example none keep

# Connection names Host | Davison 2019
GET / HTTP/1.1\r\nHost: a.example\r\nConnection: host\r\n\r\n
=> refused bad_header

# Connection names Content-Length | Davison 2019
POST / HTTP/1.1\r\nHost: a.example\r\nConnection: content-length\r\nContent-Length: 1\r\n\r\nx
=> refused bad_header

# Connection names Transfer-Encoding | Davison 2019
POST / HTTP/1.1\r\nHost: a.example\r\nConnection: close, Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n
=> refused bad_header

# Connection names X-Forwarded-For | Davison 2019
GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close, X-Forwarded-For\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n
=> refused bad_header

# Connection names X-Real-IP | Davison 2019
GET / HTTP/1.1\r\nHost: a.example\r\nConnection: x-real-ip\r\nX-Real-IP: 192.0.2.1\r\n\r\n
=> refused bad_header

# Connection names Via
GET / HTTP/1.1\r\nHost: a.example\r\nVia: 1.1 a\r\nConnection: via\r\n\r\n
=> refused bad_header

# Connection names Content-Length where there is none
GET / HTTP/1.1\r\nHost: a.example\r\nConnection: content-length\r\n\r\n
=> GET / a.example none keep

# Connection names more than a head may
GET / HTTP/1.1\r\nHost: a.example\r\nConnection: {x,*33}\r\n\r\n
=> refused bad_header

# Connection names as much as a head may
GET / HTTP/1.1\r\nHost: a.example\r\nConnection: {x,*31}\r\n\r\n
=> GET / a.example none keep

# upgrade | RFC 9110 section 7.8
GET / HTTP/1.1\r\nHost: a.example\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n
=> GET / a.example none keep upgrade

# upgrade that Connection does not name
GET / HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\n\r\n
=> GET / a.example none keep

# upgrade option without the field
GET / HTTP/1.1\r\nHost: a.example\r\nConnection: upgrade\r\n\r\n
=> GET / a.example none keep

# upgrade to nothing
GET / HTTP/1.1\r\nHost: a.example\r\nConnection: upgrade\r\nUpgrade:\r\n\r\n
=> GET / a.example none keep

# two upgrades | h2c smuggling, Miller 2020
GET / HTTP/1.1\r\nHost: a.example\r\nConnection: upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n\r\n
=> GET / a.example none keep

# upgrade in HTTP/1.0 | RFC 9110 section 7.8
GET / HTTP/1.0\r\nHost: a.example\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n
=> GET / a.example none close

# expectation | RFC 9110 section 10.1.1
POST / HTTP/1.1\r\nHost: a.example\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\nhi
=> POST / a.example length:2 continue keep body="hi"

# expectation in HTTP/1.0 | RFC 9110 section 10.1.1
POST / HTTP/1.0\r\nHost: a.example\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi
=> POST / a.example length:2 close body="hi"

# other expectation
POST / HTTP/1.1\r\nHost: a.example\r\nExpect: 200-ok\r\nContent-Length: 2\r\n\r\nhi
=> refused expectation_failed

# expectation in a list
POST / HTTP/1.1\r\nHost: a.example\r\nExpect: 100-continue, x\r\nContent-Length: 2\r\n\r\nhi
=> refused expectation_failed

# two expectations | Kettle 2025, Expect-based desync
POST / HTTP/1.1\r\nHost: a.example\r\nExpect: 100-continue\r\nExpect: x\r\nContent-Length: 2\r\n\r\nhi
=> refused expectation_failed

# obfuscated expectation | Kettle 2025, Expect-based desync
POST / HTTP/1.1\r\nHost: a.example\r\nExpect: y 100-continue\r\nContent-Length: 2\r\n\r\nhi
=> refused expectation_failed

# empty expectation
POST / HTTP/1.1\r\nHost: a.example\r\nExpect:\r\nContent-Length: 2\r\n\r\nhi
=> refused expectation_failed

# request line of the largest length
GET /{a*1010} HTTP/1.1\r\nHost: a.example\r\n\r\n
=> GET /{a*1010} a.example none keep

# request line one octet longer
GET /{a*1011} HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused request_line_too_long

# request line without an end
GET /{a*1200}
=> refused request_line_too_long

# method without an end
{A*1200}
=> refused request_line_too_long

# bad octet behind the limit of the request line
GET /{a*1100}\x00 HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused request_line_too_long

# header section of the largest size
GET / HTTP/1.1\r\nHost: a.example\r\nX: {a*4072}\r\n\r\n
=> GET / a.example none keep

# header section one octet larger
GET / HTTP/1.1\r\nHost: a.example\r\nX: {a*4073}\r\n\r\n
=> refused headers_too_large

# header section without an end
GET / HTTP/1.1\r\nHost: a.example\r\nX: {a*5000}
=> refused headers_too_large

# name without an end
GET / HTTP/1.1\r\nHost: a.example\r\n{X*5000}
=> refused headers_too_large

# many short lines
GET / HTTP/1.1\r\nHost: a.example\r\n{X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n*49}\r\n
=> refused headers_too_large

# as many fields as allowed
GET / HTTP/1.1\r\nHost: a.example\r\n{X:y\r\n*49}\r\n
=> GET / a.example none keep

# one field more
GET / HTTP/1.1\r\nHost: a.example\r\n{X:y\r\n*50}\r\n
=> refused too_many_headers

# too many fields, and no end
GET / HTTP/1.1\r\nHost: a.example\r\n{X:y\r\n*300}
=> refused too_many_headers

# a bad field behind too many
GET / HTTP/1.1\r\nHost: a.example\r\n{X:y\r\n*49}\x00: bad\r\n\r\n
=> refused too_many_headers
`);
