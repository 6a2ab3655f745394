import { corpus } from "../notation.ts";

const head = String.raw`POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n`;

/** Chunked bodies: sizes, extensions, trailers. Each message here is a body; its head is always the
 * same. */
export const chunkCases = corpus(
  String.raw`
# no payload | RFC 9112 section 7.1
0\r\n\r\n
=> body=""

# one chunk
5\r\nhello\r\n0\r\n\r\n
=> body="hello"

# several chunks
1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n0\r\n\r\n
=> body="abcdef"

# size in either case of hex digits
A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n
=> body="01234567890123456789"

# size with leading zeros
0005\r\nhello\r\n000\r\n\r\n
=> body="hello"

# as many digits as allowed
0000000000000005\r\nhello\r\n0\r\n\r\n
=> body="hello"

# one digit more
00000000000000005\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# size of 2^53 | integer overflow, own
20000000000000\r\nhello
=> refused bad_chunk

# the largest size
1fffffffffffff\r\nhello
=> incomplete

# size that overflows 64 bits | HAProxy and others, integer truncation
10000000000000005\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# size that overflows 32 bits
100000005\r\nhello
=> incomplete

# payload with line ends in it
9\r\n\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n
=> body="\r\n0\r\n\r\n\r\n"

# a request behind the body
0\r\n\r\nGET / HTTP/1.1\r\n
=> body="" rest="GET / HTTP/1.1\r\n"

# no end
5\r\nhello\r\n
=> incomplete

# no empty line behind the last chunk
5\r\nhello\r\n0\r\n
=> incomplete

# no size
\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# signed size
+5\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# negative size
-1\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# size with 0x | Node CVE-2022-32213 era probes
0x5\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# size with an underscore
1_0\r\n0123456789abcdef\r\n0\r\n\r\n
=> refused bad_chunk

# size with a letter beyond f
5g\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# space before the size
\x205\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# space behind the size | chunk-size white space, own
5 \r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# tab behind the size
5\t\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# space before the extension
5 ;a\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# NUL behind the size
5\x00\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# size in quotes
"5"\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# comma in the size
5,5\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# bare LF behind the size | TERM.EXT family, Kettle and others 2025
5\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# bare CR behind the size
5\rhello\r\n0\r\n\r\n
=> refused bad_chunk

# CR CR LF behind the size
5\r\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# bare LF behind the payload | own
5\r\nhello\n0\r\n\r\n
=> refused bad_chunk

# bare CR behind the payload
5\r\nhello\r0\r\n\r\n
=> refused bad_chunk

# nothing behind the payload
5\r\nhello0\r\n\r\n
=> refused bad_chunk

# payload longer than its size
4\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# payload shorter than its size
6\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# two octets of anything in place of CR LF behind the payload | EXT.SPILL family, 2025
5\r\nhelloXX0\r\n\r\n
=> refused bad_chunk

# bare LF behind the last chunk
0\n\r\n
=> refused bad_chunk

# bare LF as the end
0\r\n\n
=> refused bad_trailer

# bare CR as the end
0\r\n\rX
=> refused bad_chunk

# extension | RFC 9112 section 7.1.1
5;a\r\nhello\r\n0;b=c\r\n\r\n
=> body="hello"

# extension with a quoted value
5;a="b;\\"c\\" \\\\";d=e\r\nhello\r\n0\r\n\r\n
=> body="hello"

# extension with white space where the RFC has it
5; a = b\t;c\r\nhello\r\n0\r\n\r\n
=> body="hello"

# signature extension | AWS SigV4 streaming
5;chunk-signature=0123456789abcdef\r\nhello\r\n0;chunk-signature=fedcba\r\n\r\n
=> body="hello"

# empty extension
5;\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# two semicolons
5;;a\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# extension without a name
5;=b\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# extension without its value
5;a=\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# extension with two equals signs
5;a==b\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# extension with words behind a value
5;a=b c\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# extension with a blank at its end
5;a \r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# extension with an open quote
5;a="b\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# CR LF within an extension's quotes | TERM.EXT, 2025
5;a="\r\n"\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# words behind an extension's quotes
5;a="b"c\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# bare LF in an extension | TERM.EXT, 2025
5;a\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# bare LF in an extension that hides a size | EXT.TERM, 2025
2;\nxx\r\n4c\r\n0\r\n\r\nGET /admin HTTP/1.1\r\n
=> refused bad_chunk

# bare CR in an extension
5;a\rb\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# NUL in an extension
5;a\x00b\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# slash in an extension's name
5;a/b\r\nhello\r\n0\r\n\r\n
=> refused bad_chunk

# extension of the largest size
1;{a*1023}\r\nx\r\n0\r\n\r\n
=> body="x"

# extension one octet larger | Node CVE-2024-22019, Go CVE-2023-39326
1;{a*1024}\r\nx\r\n0\r\n\r\n
=> refused bad_chunk

# extensions that are too much together | Go CVE-2023-39326
{1;{a*1000}\r\nx\r\n*17}0\r\n\r\n
=> refused bad_chunk

# trailer | RFC 9112 section 7.1.2
1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n
=> body="a" tail="X-Sum: 1\r\n\r\n"

# trailers with blanks and an empty value
0\r\nX-Sum: \t1 2\t \r\nX-None:\r\n\r\nNEXT
=> body="" tail="X-Sum: 1 2\r\nX-None: \r\n\r\n" rest="NEXT"

# trailer that frames | RFC 9110 section 6.5.1
0\r\nContent-Length: 5\r\nX: y\r\ntransfer-encoding: chunked\r\n\r\n
=> body="" tail="X: y\r\n\r\n"

# trailers that route or guard | RFC 9110 section 6.5.1
0\r\nHost: b.example\r\nAuthorization: x\r\nCookie: a\r\nX-Forwarded-For: 1\r\nForwarded: for=1\r\nSet-Cookie: a\r\nProxy-X: 1\r\n\r\n
=> body="" tail="\r\n"

# trailers about the connection | RFC 9110 section 6.5.1
0\r\nConnection: close\r\nKeep-Alive: 1\r\nUpgrade: x\r\nTE: x\r\nTrailer: x\r\n\r\n
=> body="" tail="\r\n"

# trailer folded
0\r\nX: a\r\n b\r\n\r\n
=> refused bad_trailer

# trailer with a space before its colon
0\r\nX : a\r\n\r\n
=> refused bad_trailer

# trailer without a colon
0\r\nX\r\n\r\n
=> refused bad_trailer

# trailer without a name
0\r\n: a\r\n\r\n
=> refused bad_trailer

# trailer with a bare LF
0\r\nX: a\n\r\n
=> refused bad_trailer

# trailer with a bare CR
0\r\nX: a\rb\r\n\r\n
=> refused bad_trailer

# trailer with a NUL
0\r\nX: a\x00\r\n\r\n
=> refused bad_trailer

# trailers with a bare LF as their end
0\r\nX: a\r\n\n
=> refused bad_trailer

# a request in place of trailers | own
0\r\nGET / HTTP/1.1\r\nHost: a.example\r\n\r\n
=> refused bad_trailer

# trailers without an end
0\r\nX: a\r\n
=> incomplete

# as many trailers as allowed
0\r\n{X:\r\n*100}\r\n
=> body="" tail="{X: \r\n*100}\r\n"

# one trailer more
0\r\n{X:\r\n*101}\r\n
=> refused bad_trailer

# trailer section that is too large
0\r\nX: {a*8192}\r\n\r\n
=> refused bad_trailer

# forbidden trailers that are too large
0\r\n{Host: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n*90}\r\n\r\n
=> refused bad_trailer
`
    .replaceAll(/^(?=[^#=\n])/gm, () => head)
    .replaceAll(/^=> body/gm, "=> POST / a.example chunked keep body"),
);
