const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH = MONTHS.join('|');
const DAY = 'Mon|Tue|Wed|Thu|Fri|Sat|Sun';
const LONG_DAY = 'Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday';
const TIME = '(\\d{2}):(\\d{2}):(\\d{2})';

const IMF_FIXDATE = new RegExp(`^(?:${DAY}), (\\d{2}) (${MONTH}) (\\d{4}) ${TIME} GMT$`);
const RFC_850 = new RegExp(`^(?:${LONG_DAY}), (\\d{2})-(${MONTH})-(\\d{2}) ${TIME} GMT$`);
const ASCTIME = new RegExp(`^(?:${DAY}) (${MONTH}) ([ \\d]\\d) ${TIME} (\\d{4})$`);

/**
 * Reads an HTTP-date in any of its three forms (RFC 9110 §5.6.7).
 * @param now milliseconds since the epoch; settles the century of a two-digit year
 * @returns milliseconds since the epoch, or undefined when the text is not an HTTP-date
 */
export function parseHttpDate(text: string, now = Date.now()): number | undefined {
  const imf = IMF_FIXDATE.exec(text);
  if (imf) return instant(imf[3], imf[2], imf[1], imf[4], imf[5], imf[6]);
  const asctime = ASCTIME.exec(text);
  if (asctime) return instant(asctime[6], asctime[1], asctime[2], asctime[3], asctime[4], asctime[5]);
  const rfc850 = RFC_850.exec(text);
  if (!rfc850) return undefined;
  // §5.6.7: a two-digit year more than 50 years ahead means the most recent past year with those digits.
  const thisYear = new Date(now).getUTCFullYear();
  let year = Math.floor(thisYear / 100) * 100 + Number(rfc850[3]);
  if (year > thisYear + 50) year -= 100;
  return instant(String(year), rfc850[2], rfc850[1], rfc850[4], rfc850[5], rfc850[6]);
}

/** Writes an instant (milliseconds since the epoch) as an IMF-fixdate. */
export function formatHttpDate(milliseconds: number): string {
  return new Date(milliseconds).toUTCString();
}

function instant(...parts: (string | undefined)[]): number | undefined {
  const [year, monthName = '', day, hour, minute, second] = parts;
  const month = MONTHS.indexOf(monthName);
  const at = Date.UTC(Number(year), month, Number(day), Number(hour), Number(minute), Number(second));
  const date = new Date(at);
  // A rolled-over date, such as 31 April or 24:00, was no date. A leap second (60) is allowed by the grammar.
  const exact = date.getUTCDate() === Number(day) && date.getUTCHours() === Number(hour);
  return exact || Number(second) === 60 ? at : undefined;
}
