/** CRC-32 (IEEE 802.3, reflected polynomial EDB88320), as nginx, zlib and memcached clients use it. */

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** A running CRC to begin with; hand it to `updateCrc32` and at last to `finishCrc32`. */
export const CRC32_START = -1;

/** Takes one byte (0 to 255) in. */
export function updateCrc32(crc: number, byte: number): number {
  return table[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
}

/** Takes a text in as bytes; see `crc32` for what a byte is. */
export function updateCrc32Text(crc: number, text: string): number {
  let running = crc;
  for (let index = 0; index < text.length; index++) {
    running = updateCrc32(running, text.charCodeAt(index) & 0xff);
  }
  return running;
}

/** The unsigned 32-bit result of a running CRC. */
export function finishCrc32(crc: number): number {
  return ~crc >>> 0;
}

/** The CRC of a latin1 text, one byte a character, which is what heads off the wire are; of other
 * characters only the low byte counts. Empty gives 0. */
export function crc32(text: string): number {
  return finishCrc32(updateCrc32Text(CRC32_START, text));
}
