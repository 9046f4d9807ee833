import { inflateSync } from "node:zlib";
import jsQR from "jsqr";
import { expect, test } from "vitest";
import { qrPng, qrSvg } from "../../src/petitions/channels/qr-code.ts";

/** The pixels of a greyscale PNG of one bit a pixel, as a reader of QR codes takes them. */
function pixelsOf(png: Uint8Array): { data: Uint8ClampedArray; side: number } {
  const view = new DataView(png.buffer, png.byteOffset);
  const side = view.getUint32(16);
  expect([view.getUint32(20), png[24], png[25]]).toEqual([side, 1, 0]);
  const chunks: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + view.getUint32(at)) {
    const type = String.fromCharCode(...png.slice(at + 4, at + 8));
    if (type === "IDAT") chunks.push(Buffer.from(png.slice(at + 8, at + 8 + view.getUint32(at))));
  }
  const lines = inflateSync(Buffer.concat(chunks));
  const lineBytes = Math.ceil(side / 8) + 1;
  const data = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const light = ((lines[y * lineBytes + 1 + (x >> 3)] as number) >> (7 - (x & 7))) & 1;
      data.fill(light * 255, (y * side + x) * 4, (y * side + x) * 4 + 3);
    }
  }
  return { data, side };
}

test.each([1, 3, 10])("a scanner reads from the PNG what was written, at %s pixels a module", async (scale) => {
  const text = "https://petitions.example.org/p/1o45n7h/market-stall";
  const { data, side } = pixelsOf(await qrPng(text, scale));
  expect(jsQR(data, side, side)?.data).toBe(text);
});

test("the SVG is a document of its own, without script or anything from outside", () => {
  const svg = qrSvg("https://petitions.example.org/p/1/poster");
  expect(svg).toMatch(/^<\?xml [^>]+\?><svg [\s\S]*<\/svg>$/);
  expect(svg.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/script|href|http/);
  expect(svg).toContain('viewBox="-4 -4 ');
});
