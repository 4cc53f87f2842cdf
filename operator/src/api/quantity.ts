/**
 * Quantities as in k8s.io/apimachinery, `resource.Quantity`, as far as a container's resources need them: none is negative,
 * has an exponent, or is too large for the API server's 64-bit integers.
 */
export const QUANTITY =
  /^([0-9]{1,18}|([0-9]{1,9}(\.[0-9]{0,9})?|\.[0-9]{1,9})([KMG]i|[mkMG])?|([0-9]{1,6}(\.[0-9]{0,9})?|\.[0-9]{1,9})Ti?)$/;

const PARTS = /^([0-9]*)\.?([0-9]*)([A-Za-z]*)$/;
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL = ['m', '', 'k', 'M', 'G', 'T', 'P', 'E'];

interface Quantity {
  /** In units of 10⁻⁹, rounded up to one. */
  nanos: bigint;
  binary: boolean;
}

const NANO = 1_000_000_000n;
const MILLI = NANO / 1000n;

/** Reads canonical forms too, which are beyond the CRD's pattern. @throws TypeError for what is no quantity. */
function parse(value: string | number): Quantity {
  const [, whole = '', fraction = '', suffix = ''] = PARTS.exec(String(value)) ?? [];
  const binary = suffix.endsWith('i');
  const step = (binary ? BINARY : DECIMAL).indexOf(suffix);
  if (whole + fraction === '' || step < 0) throw new TypeError(`"${value}" is no quantity`);
  const factor = binary ? NANO * 1024n ** BigInt(step) : MILLI * 1000n ** BigInt(step);
  return { nanos: ceilDiv(BigInt(whole + fraction) * factor, 10n ** BigInt(fraction.length)), binary };
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
 * The form in which the API server stores a container's resources: rounded up to thousandths, without fraction, with the
 * largest suffix that keeps it exact (`1000m` is `1`, `0.5Gi` is `512Mi`).
 * @throws TypeError for what is no quantity.
 */
export function canonicalQuantity(value: string | number): string {
  const { nanos, binary } = parse(value);
  return format(nanos, binary);
}

function format(nanos: bigint, binary: boolean): string {
  const millis = ceilDiv(nanos, MILLI);
  if (millis === 0n) return '0';
  const units = millis / 1000n;
  return binary && millis % 1000n === 0n && units >= 1024n
    ? withSuffix(units, 1024n, BINARY)
    : withSuffix(millis, 1000n, DECIMAL);
}

/** The sum, in canonical form; binary if `a` is. */
export function addQuantities(a: string | number, b: string | number): string {
  const { nanos, binary } = parse(a);
  return format(nanos + parse(b).nanos, binary);
}

/** The amount in whole units, such as bytes, rounded up. */
export function wholeUnits(value: string | number): bigint {
  return ceilDiv(parse(value).nanos, NANO);
}

function withSuffix(number: bigint, base: bigint, suffixes: readonly string[]): string {
  let step = 0;
  while (number % base === 0n && step < suffixes.length - 1) {
    number /= base;
    step++;
  }
  return `${number}${suffixes[step]}`;
}
