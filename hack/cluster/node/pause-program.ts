const ENTRY = 0x400000;
const HEADERS = 64 + 56;

/** ELF's number of the processor, and machine code that waits for signals for ever. */
const CODE = {
  amd64: {
    machine: 62,
    // mov eax, 34 (pause); syscall; jmp to the start
    bytes: [0xb8, 0x22, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7],
  },
  arm64: {
    machine: 183,
    // mov x0..x3, 0; mov x8, 73 (ppoll); svc 0; b to the start
    bytes: [0xd2800000, 0xd2800001, 0xd2800002, 0xd2800003, 0xd2800928, 0xd4000001, 0x17fffffa].flatMap(
      (word) => [word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24],
    ),
  },
} as const;

/**
 * A static Linux program that does nothing: all that a pod's first container has to do is to be there, so that the pod's
 * namespaces are. It is written out here, because the usual image of it lies in a registry and a compiler is not everywhere.
 * Source: elf(5), System V ABI.
 */
export function pauseProgram(architecture: keyof typeof CODE): Buffer {
  const { machine, bytes } = CODE[architecture];
  const size = HEADERS + bytes.length;
  const file = Buffer.alloc(size);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // ELF, 64 bit, little endian, version 1
  file.writeUInt16LE(2, 16); // an executable
  file.writeUInt16LE(machine, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(ENTRY + HEADERS), 24);
  file.writeBigUInt64LE(64n, 32); // the program header follows
  file.writeUInt16LE(64, 52); // sizes of both headers
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(1, 64); // a segment to load
  file.writeUInt32LE(5, 68); // readable and executable
  file.writeBigUInt64LE(BigInt(ENTRY), 80);
  file.writeBigUInt64LE(BigInt(ENTRY), 88);
  file.writeBigUInt64LE(BigInt(size), 96);
  file.writeBigUInt64LE(BigInt(size), 104);
  file.writeBigUInt64LE(0x10000n, 112); // alignment: the largest page there is
  file.set(bytes, HEADERS);
  return file;
}
