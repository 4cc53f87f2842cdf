/** Quantities as in k8s.io/apimachinery, `resource.Quantity`, limited to what the CRD accepts: none is negative. */

const SYNTAX = /^([0-9]*)(?:\.([0-9]*))?(?:([KMGTPE])i|([numkMGTPE])|[eE]([+-]?[0-9]{1,2}))?$/;

const BINARY = ['', 'K', 'M', 'G', 'T', 'P', 'E'];
const DECIMAL: Record<string, number> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};

/** The finest grain that a quantity has is 10⁻⁹; a finer one is rounded up to it. */
const GRAIN = 9;
const NANOS = 10n ** BigInt(GRAIN);

interface Quantity {
  /** In units of 10⁻⁹. */
  nanos: bigint;
  format: 'binary' | 'decimal' | 'exponent';
}

/** @throws TypeError for what is no quantity. */
function parse(value: string | number): Quantity {
  const text = String(value);
  const match = SYNTAX.exec(text);
  if (match === null || !/[0-9]/.test(text)) throw new TypeError(`"${text}" is no quantity`);
  const [, whole = '', fraction = '', binary, decimal, exponent] = match;
  const digits = BigInt(`0${whole}${fraction}`);
  if (binary !== undefined) {
    const factor = 1024n ** BigInt(BINARY.indexOf(binary));
    return { nanos: ceilDiv(digits * factor * NANOS, 10n ** BigInt(fraction.length)), format: 'binary' };
  }
  const shift =
    (exponent === undefined ? (DECIMAL[decimal ?? ''] ?? 0) : Number(exponent)) - fraction.length + GRAIN;
  return {
    nanos: shift >= 0 ? digits * 10n ** BigInt(shift) : ceilDiv(digits, 10n ** BigInt(-shift)),
    format: exponent === undefined ? 'decimal' : 'exponent',
  };
}

function ceilDiv(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}

/** Negative, zero or positive, as `a` is less than, equal to or more than `b`. */
export function compareQuantities(a: string | number, b: string | number): number {
  const difference = parse(a).nanos - parse(b).nanos;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/**
 * The form in which the API server stores a quantity: no fraction, and the largest suffix that keeps it exact
 * (`1000m` is `1`, `0.5Gi` is `512Mi`).
 * @throws TypeError for what is no quantity.
 */
export function canonicalQuantity(value: string | number): string {
  const { nanos, format } = parse(value);
  if (nanos === 0n) return '0';
  if (format === 'binary' && nanos % NANOS === 0n && nanos >= 1024n * NANOS) {
    let number = nanos / NANOS;
    let power = 0;
    while (number % 1024n === 0n && power < BINARY.length - 1) {
      number /= 1024n;
      power++;
    }
    return `${number}${BINARY[power]}${power === 0 ? '' : 'i'}`;
  }
  let number = nanos;
  let exponent = -GRAIN;
  while (number % 1000n === 0n && (exponent < 18 || format === 'exponent')) {
    number /= 1000n;
    exponent += 3;
  }
  if (format === 'exponent') return `${number}${exponent === 0 ? '' : `e${exponent}`}`;
  return `${number}${Object.keys(DECIMAL).find((suffix) => DECIMAL[suffix] === exponent) ?? ''}`;
}
