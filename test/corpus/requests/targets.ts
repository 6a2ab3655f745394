import { corpus } from "../notation.ts";

/** Request targets in all forms, and `Host`. */
export const targetCases = corpus(String.raw`
# path and query
GET /a/b;c=d?e=f&g=%20 HTTP/1.1\r\nHost: a.example\r\n\r\n
=> GET /a/b;c=d?e=f&g=%20 a.example none keep

# dot segments are the router's business
GET /a/../b/./c HTTP/1.1\r\nHost: a.example\r\n\r\n
=> GET /a/../b/./c a.example none keep

# double slash | own
GET //a HTTP/1.1\r\nHost: a.example\r\n\r\n
=> GET //a a.example none keep

# characters that RFC 3986 leaves out but browsers and nginx let through
GET /a?q="<x>{y}|z^\\ HTTP/1.1\r\nHost: a.example\r\n\r\n
=> GET /a?q="<x>{y}|z^\ a.example none keep

# the same in the path
GET /"<x>{y}|z^\\ HTTP/1.1\r\nHost: a.example\r\n\r\n
=> GET /"<x>{y}|z^\ a.example none keep

# percent-encoded slash and upper case stay as sent
GET /a%2Fb%2f HTTP/1.1\r\nHost: a.example\r\n\r\n
=> GET /a%2Fb%2f a.example none keep

# percent-encoded CR LF stays encoded
GET /a%0d%0aX:%20y HTTP/1.1\r\nHost: a.example\r\n\r\n
=> GET /a%0d%0aX:%20y a.example none keep

# percent-encoded NUL | own
GET /a%00 HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# percent-encoded NUL in the query
GET /a?b=%00c HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# percent sign before no hex digits
GET /a%zz HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# percent sign before one hex digit
GET /a%4x HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# percent sign at the end
GET /a% HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# percent sign and one digit at the end
GET /a%4 HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# percent-u encoding
GET /a%u0041 HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# fragment | RFC 9112 section 3.2
GET /a#b HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# NUL
GET /a\x00b HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# DEL
GET /a\x7fb HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# raw UTF-8
GET /\xc3\xa9 HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# escape character
GET /\x1b[31m HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# CR LF within the target
GET /a\r\nX: y HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_request_line

# relative path
GET a/b HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# backslash first
GET \\a HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# query alone
GET ?a=b HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# authority form for GET | RFC 9112 section 3.2.3
GET a.example:80 HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# asterisk for OPTIONS | RFC 9112 section 3.2.4
OPTIONS * HTTP/1.1\r\nHost: a.example\r\n\r\n
=> OPTIONS * a.example none keep

# asterisk for GET
GET * HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# asterisk and more
OPTIONS *a HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# absolute form | RFC 9112 section 3.2.2
GET http://a.example/x?y HTTP/1.1\r\nHost: a.example\r\n\r\n
=> GET /x?y a.example none keep

# absolute form wins over Host | RFC 9112 section 3.2.2
GET http://b.example:81/x HTTP/1.1\r\nHost: a.example\r\n\r\n
=> GET /x b.example(b.example:81) none keep

# absolute form without Host
GET http://a.example/ HTTP/1.1\r\n\r\n
=> refused bad_host

# absolute form with a bad Host
GET http://a.example/ HTTP/1.1\r\nHost: a b\r\n\r\n
=> refused bad_host

# absolute form in HTTP/1.0 without Host
GET http://a.example/ HTTP/1.0\r\n\r\n
=> GET / a.example none close

# absolute form without a path
GET http://a.example HTTP/1.1\r\nHost: a.example\r\n\r\n
=> GET / a.example none keep

# absolute form with a query but no path
GET http://a.example?x=y HTTP/1.1\r\nHost: a.example\r\n\r\n
=> GET /?x=y a.example none keep

# absolute OPTIONS without a path | RFC 9112 section 3.2.4
OPTIONS http://a.example HTTP/1.1\r\nHost: a.example\r\n\r\n
=> OPTIONS * a.example none keep

# absolute OPTIONS with a path
OPTIONS http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n
=> OPTIONS / a.example none keep

# scheme in upper case
GET HTTPS://A.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n
=> GET / a.example(A.example) none keep

# user information | RFC 9110 section 4.2.4
GET http://user:pass@a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# user information without a colon
GET http://a.example@b.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# absolute form without a host
GET http:///x HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# absolute form with a bad port
GET http://a.example:99999/ HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# absolute form with a backslash in the authority
GET http://a.example\\@b.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# other scheme
GET ftp://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# scheme of a script
GET javascript:alert(1) HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# scheme without slashes
GET http:a.example HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# WebSocket scheme
GET ws://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_target

# no Host | RFC 9112 section 3.2
GET / HTTP/1.1\r\n\r\n
=> refused bad_host

# two Hosts | RFC 9112 section 3.2
GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n
=> refused bad_host

# two equal Hosts
GET / HTTP/1.1\r\nHost: a.example\r\nhost: a.example\r\n\r\n
=> refused bad_host

# two Hosts in HTTP/1.0
GET / HTTP/1.0\r\nHost: a.example\r\nHost: b.example\r\n\r\n
=> refused bad_host

# empty Host
GET / HTTP/1.1\r\nHost:\r\n\r\n
=> refused bad_host

# blank Host
GET / HTTP/1.1\r\nHost: \t \r\n\r\n
=> refused bad_host

# list of Hosts
GET / HTTP/1.1\r\nHost: a.example, b.example\r\n\r\n
=> refused bad_host

# list of Hosts without a space
GET / HTTP/1.1\r\nHost: a.example,b.example\r\n\r\n
=> refused bad_host

# Host with a path
GET / HTTP/1.1\r\nHost: a.example/x\r\n\r\n
=> refused bad_host

# Host with user information
GET / HTTP/1.1\r\nHost: a@b.example\r\n\r\n
=> refused bad_host

# Host with a space
GET / HTTP/1.1\r\nHost: a.example b.example\r\n\r\n
=> refused bad_host

# Host with a scheme
GET / HTTP/1.1\r\nHost: http://a.example\r\n\r\n
=> refused bad_host

# Host with a percent sign
GET / HTTP/1.1\r\nHost: a%2eexample\r\n\r\n
=> refused bad_host

# Host with markup
GET / HTTP/1.1\r\nHost: a.example"><script>\r\n\r\n
=> refused bad_host

# Host with a parameter | Forwarded injection, own
GET / HTTP/1.1\r\nHost: a.example;proto=https\r\n\r\n
=> refused bad_host

# Host beyond ASCII
GET / HTTP/1.1\r\nHost: \xe4.example\r\n\r\n
=> refused bad_host

# Host with a port
GET / HTTP/1.1\r\nHost: a.example:8080\r\n\r\n
=> GET / a.example(a.example:8080) none keep

# Host in upper case
GET / HTTP/1.1\r\nHost: A.Example:80\r\n\r\n
=> GET / a.example(A.Example:80) none keep

# Host with blanks around it
GET / HTTP/1.1\r\nHost: \t a.example \t\r\n\r\n
=> GET / a.example none keep

# Host without a space before it
GET / HTTP/1.1\r\nHost:a.example\r\n\r\n
=> GET / a.example none keep

# Host with a dot at its end
GET / HTTP/1.1\r\nHost: a.example.:80\r\n\r\n
=> GET / a.example(a.example.:80) none keep

# Host with an underscore
GET / HTTP/1.1\r\nHost: my_service\r\n\r\n
=> GET / my_service none keep

# Host of a dot
GET / HTTP/1.1\r\nHost: .\r\n\r\n
=> refused bad_host

# Host with two dots at its end
GET / HTTP/1.1\r\nHost: a.example..\r\n\r\n
=> refused bad_host

# Host with an empty label
GET / HTTP/1.1\r\nHost: a..example\r\n\r\n
=> refused bad_host

# Host with an empty port
GET / HTTP/1.1\r\nHost: a.example:\r\n\r\n
=> refused bad_host

# Host with a port alone
GET / HTTP/1.1\r\nHost: :80\r\n\r\n
=> refused bad_host

# Host with a port beyond 65535
GET / HTTP/1.1\r\nHost: a.example:65536\r\n\r\n
=> refused bad_host

# Host with the largest port
GET / HTTP/1.1\r\nHost: a.example:65535\r\n\r\n
=> GET / a.example(a.example:65535) none keep

# Host with a port of six digits
GET / HTTP/1.1\r\nHost: a.example:000080\r\n\r\n
=> refused bad_host

# Host with a port of letters
GET / HTTP/1.1\r\nHost: a.example:http\r\n\r\n
=> refused bad_host

# Host with a signed port
GET / HTTP/1.1\r\nHost: a.example:+80\r\n\r\n
=> refused bad_host

# Host with two ports | Kettle 2020, host header attacks
GET / HTTP/1.1\r\nHost: a.example:80:81\r\n\r\n
=> refused bad_host

# Host as an IPv4 address
GET / HTTP/1.1\r\nHost: 192.0.2.1:80\r\n\r\n
=> GET / 192.0.2.1(192.0.2.1:80) none keep

# Host as an IPv6 address
GET / HTTP/1.1\r\nHost: [2001:DB8::1]:80\r\n\r\n
=> GET / [2001:db8::1]([2001:DB8::1]:80) none keep

# Host as an IPv6 address without brackets
GET / HTTP/1.1\r\nHost: 2001:db8::1\r\n\r\n
=> refused bad_host

# Host as an IPv6 address that is none
GET / HTTP/1.1\r\nHost: [1::2::3]\r\n\r\n
=> refused bad_host

# Host as an IPv6 address with a zone
GET / HTTP/1.1\r\nHost: [fe80::1%25eth0]\r\n\r\n
=> refused bad_host

# Host with an open bracket
GET / HTTP/1.1\r\nHost: [::1\r\n\r\n
=> refused bad_host

# Host with words behind the bracket
GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n
=> refused bad_host

# Host as a future address
GET / HTTP/1.1\r\nHost: [v1.a]\r\n\r\n
=> refused bad_host
`);
