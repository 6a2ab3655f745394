import { corpus } from "../notation.ts";

/** How long a request's body is: Content-Length, Transfer-Encoding, and both. */
export const lengthCases = corpus(String.raw`
# length
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n\r\nhello
=> POST / a.example length:5 keep body="hello"

# length with a request behind the body
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\n
=> POST / a.example length:5 keep body="hello" rest="GET / HTTP/1.1\r\n"

# length with less than it says
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 6\r\n\r\nhello
=> incomplete

# length of zero
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\n\r\n
=> POST / a.example none keep

# length on a GET | "fat GET"
GET / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n\r\nhello
=> GET / a.example length:5 keep body="hello"

# no length
POST / HTTP/1.1\r\nHost: a.example\r\n\r\nhello
=> POST / a.example none keep rest="hello"

# length in HTTP/1.0
POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello
=> POST / - length:5 close body="hello"

# length with leading zeros
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0005\r\n\r\nhello
=> POST / a.example length:5 keep body="hello"

# length with blanks around it
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: \t5 \t\r\n\r\nhello
=> POST / a.example length:5 keep body="hello"

# the largest length
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 9007199254740991\r\n\r\n
=> incomplete

# a length beyond it
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 9007199254740992\r\n\r\n
=> refused bad_content_length

# a length of 2^64 plus 5 | integer overflow, own
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 18446744073709551621\r\n\r\nhello
=> refused bad_content_length

# a length of seventeen digits
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 00000000000000005\r\n\r\nhello
=> refused bad_content_length

# plus sign | RFC 9112 section 6.3
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: +5\r\n\r\nhello
=> refused bad_content_length

# minus sign
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: -5\r\n\r\nhello
=> refused bad_content_length

# minus zero
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: -0\r\n\r\n
=> refused bad_content_length

# hexadecimal length
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0x5\r\n\r\nhello
=> refused bad_content_length

# length with a fraction
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5.0\r\n\r\nhello
=> refused bad_content_length

# length with an exponent
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5e0\r\n\r\nhello
=> refused bad_content_length

# length with an underscore
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1_0\r\n\r\nhellohello
=> refused bad_content_length

# length in quotes
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: "5"\r\n\r\nhello
=> refused bad_content_length

# length with a unit
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5b\r\n\r\nhello
=> refused bad_content_length

# length with a space within
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5 6\r\n\r\nhello
=> refused bad_content_length

# length in superscript
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: \xb2\r\n\r\nhi
=> refused bad_content_length

# empty length
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length:\r\n\r\n
=> refused bad_content_length

# equal lengths in a list | RFC 9110 section 8.6
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5, 5\r\n\r\nhello
=> refused bad_content_length

# unequal lengths in a list
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5, 6\r\n\r\nhello
=> refused bad_content_length

# length with a trailing comma
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5,\r\n\r\nhello
=> refused bad_content_length

# two equal lengths
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello
=> refused bad_content_length

# two unequal lengths | CL.CL, Linhart et al. 2005
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello
=> refused bad_content_length

# two lengths in other case | CL.CL, Linhart et al. 2005
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\ncontent-length: 44\r\n\r\n
=> refused bad_content_length

# length with a vertical tab | Kettle 2019
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: \x0b5\r\n\r\nhello
=> refused bad_header

# space before the colon of a length
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length : 5\r\n\r\nhello
=> refused bad_header

# both | CL.TE, Kettle 2019
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG
=> refused ambiguous_length

# both, the other way round | TE.CL, Kettle 2019
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\nGPOST / HTTP/1.1\r\n
=> refused ambiguous_length

# both, the length repeated
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n
=> refused ambiguous_length

# both, with a coding of nothing
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\nTransfer-Encoding:\r\n\r\nhello
=> refused ambiguous_length

# both, with the identity coding | TE.TE, Kettle 2019
POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\nTransfer-Encoding: identity\r\n\r\nhello
=> refused ambiguous_length

# both, in HTTP/1.0
POST / HTTP/1.0\r\nHost: a.example\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello
=> refused ambiguous_length

# chunked
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n
=> POST / a.example chunked keep body="hi"

# chunked in any case | RFC 9112 section 7
POST / HTTP/1.1\r\nHost: a.example\r\ntransfer-ENCODING: \t ChUnKeD \r\n\r\n0\r\n\r\n
=> POST / a.example chunked keep body=""

# chunked in HTTP/1.0 | RFC 9112 section 6.1
POST / HTTP/1.0\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n
=> refused bad_transfer_encoding

# chunked twice in a list | TE.TE, Kettle 2019
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n
=> refused bad_transfer_encoding

# chunked in two fields | TE.TE, Kettle 2019
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n
=> refused bad_transfer_encoding

# two codings in two fields | TE.TE, Kettle 2019
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\nTransfer-encoding: cow\r\n\r\n0\r\n\r\n
=> refused bad_transfer_encoding

# chunked not last | RFC 9112 section 6.3
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n
=> refused bad_transfer_encoding

# chunked behind another coding
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n
=> refused unsupported_transfer_encoding

# gzip alone
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: gzip\r\n\r\nhello
=> refused unsupported_transfer_encoding

# identity | RFC 2616 section 3.6
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: identity\r\n\r\nhello
=> refused unsupported_transfer_encoding

# identity before chunked
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n
=> refused unsupported_transfer_encoding

# a coding that starts like chunked | TE.TE, Kettle 2019
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n
=> refused unsupported_transfer_encoding

# a coding that ends like chunked | TE.TE, Kettle 2019
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunkedx\r\n\r\n0\r\n\r\n
=> refused unsupported_transfer_encoding

# chunked with a parameter
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked;x=y\r\n\r\n0\r\n\r\n
=> refused bad_transfer_encoding

# chunked with an empty parameter
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked;\r\n\r\n0\r\n\r\n
=> refused bad_transfer_encoding

# another coding with a parameter
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: foo;q=1, chunked\r\n\r\n0\r\n\r\n
=> refused unsupported_transfer_encoding

# another coding with a bad parameter
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: foo;=1\r\n\r\n0\r\n\r\n
=> refused bad_transfer_encoding

# chunked with a comma before it
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n
=> refused bad_transfer_encoding

# chunked with a comma behind it
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked,\r\n\r\n0\r\n\r\n
=> refused bad_transfer_encoding

# chunked in quotes | TE.TE, Kettle 2019
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n
=> refused bad_transfer_encoding

# chunked in single quotes is another token
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: 'chunked'\r\n\r\n0\r\n\r\n
=> refused unsupported_transfer_encoding

# words around chunked
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: x chunked\r\n\r\n0\r\n\r\n
=> refused bad_transfer_encoding

# empty coding
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n
=> refused bad_transfer_encoding

# vertical tab before chunked | TE.TE, Kettle 2019
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n
=> refused bad_header

# form feed behind chunked
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\x0c\r\n\r\n0\r\n\r\n
=> refused bad_header

# NUL behind chunked
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\x00\r\n\r\n0\r\n\r\n
=> refused bad_header

# no-break space before chunked
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: \xa0chunked\r\n\r\n0\r\n\r\n
=> refused bad_transfer_encoding

# letter beyond ASCII that folds to k | own
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chun\xe2\x84\xaaed\r\n\r\n0\r\n\r\n
=> refused bad_transfer_encoding

# space before the colon of the coding | TE.TE, Kettle 2019
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n
=> refused bad_header

# tab behind the colon of the coding | TE.TE, Kettle 2019
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n
=> POST / a.example chunked keep body=""

# the coding behind a space | TE.TE, Kettle 2019
POST / HTTP/1.1\r\nHost: a.example\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n
=> refused bad_header

# the coding behind a bare LF in another field | TE.TE, Kettle 2019
POST / HTTP/1.1\r\nHost: a.example\r\nX: X\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n
=> refused bad_line_ending

# the coding's name with an underscore is another name
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer_Encoding: chunked\r\n\r\n
=> POST / a.example none keep

# the coding's name with a dot in place of the hyphen is another name
POST / HTTP/1.1\r\nHost: a.example\r\nTransfer.Encoding: chunked\r\n\r\n
=> POST / a.example none keep

# chunked on a GET | own
GET / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n
=> GET / a.example chunked keep body=""

# 0.CL | Kettle 2025
GET /con HTTP/1.1\r\nHost: a.example\r\nContent-Length:\r\n 7\r\n\r\nGET /404 HTTP/1.1\r\nX: Y
=> refused bad_header
`);
