/** Tags of ASN.1's universal types, as DER has them (X.690 §8). */
export const SEQUENCE = 0x30;
export const BIT_STRING = 0x03;
export const INTEGER = 0x02;

/** Tag of the field with this number, in brackets in its definition, that holds an element of its own (X.690 §8.14). */
export function contextTag(number: number): number {
  return 0xa0 | number;
}

/** An element: its tag, the length of its content, and the content (X.690 §10.1). */
export function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  const digits = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
  const header = Buffer.of(tag, 0x80 | digits, ...Array(digits).fill(0));
  header.writeUIntBE(length, 2, digits);
  return Buffer.concat([header, content]);
}

/** What is inside an element. */
export function contentOf(element: Buffer): Buffer {
  return element.subarray(headerLength(element));
}

/** The elements inside a constructed element, whole. */
export function elementsOf(constructed: Buffer): Buffer[] {
  const content = contentOf(constructed);
  const elements: Buffer[] = [];
  for (let start = 0; start < content.length; ) {
    const rest = content.subarray(start);
    const end = headerLength(rest) + contentLength(rest);
    elements.push(rest.subarray(0, end));
    start += end;
  }
  return elements;
}

function headerLength(element: Buffer): number {
  const first = element[1] ?? 0;
  return first < 0x80 ? 2 : 2 + (first & 0x7f);
}

function contentLength(element: Buffer): number {
  const first = element[1] ?? 0;
  return first < 0x80 ? first : element.readUIntBE(2, first & 0x7f);
}
