import { correction, generate } from "lean-qr";
import { toSvgSource } from "lean-qr/extras/svg";
import { type Bytes, concat, utf8 } from "../../lib/bytes.ts";

// A scanner needs four empty modules around the code (ISO/IEC 18004, 9.1).
const QUIET = 4;

const codeOf = (text: string) => generate(text, { minCorrectionLevel: correction.M });

/** A text as a QR code: a whole SVG document, black on white, that scales to any size. */
export const qrSvg = (text: string): string =>
  toSvgSource(codeOf(text), { on: "#000", off: "#fff", pad: QUIET, scale: 8, xmlDeclaration: true });

/**
 * A text as a QR code: a PNG image (ISO/IEC 15948) of one bit a pixel.
 * @param scale pixels of a module's side
 */
export async function qrPng(text: string, scale: number): Promise<Bytes> {
  const code = codeOf(text);
  const side = (code.size + 2 * QUIET) * scale;
  const lineBytes = Math.ceil(side / 8) + 1; // a filter byte goes first: 0, none
  const pixels = new Uint8Array(lineBytes * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const dark = code.get(Math.floor(x / scale) - QUIET, Math.floor(y / scale) - QUIET);
      const at = y * lineBytes + 1 + (x >> 3);
      if (!dark) pixels[at] = (pixels[at] as number) | (0x80 >> (x & 7));
    }
  }
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, side);
  header.setUint32(4, side);
  header.setUint8(8, 1); // bits a pixel; the rest stays 0: greyscale, deflate, no interlace
  return concat(
    new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", new Uint8Array(header.buffer)),
    chunk("IDAT", await deflate(pixels)),
    chunk("IEND", new Uint8Array()),
  );
}

function chunk(type: string, data: Uint8Array): Bytes {
  const body = concat(utf8(type), data);
  const numbers = new DataView(new ArrayBuffer(8));
  numbers.setUint32(0, data.length);
  numbers.setUint32(4, crc32(body));
  return concat(new Uint8Array(numbers.buffer, 0, 4), body, new Uint8Array(numbers.buffer, 4, 4));
}

const deflate = async (bytes: Bytes): Promise<Bytes> =>
  new Uint8Array(
    await new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"))).arrayBuffer(),
  );

/** The checksum of a PNG chunk. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
