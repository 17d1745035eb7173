/** Returns a time for a person: in the zone of this machine, to the second. */
export function localTime(time: string | null | undefined): string {
  if (!time) return '–'
  const date = new Date(time)
  const [year, month, day, hour, minute, second] = [
    date.getFullYear(),
    date.getMonth() + 1,
    date.getDate(),
    date.getHours(),
    date.getMinutes(),
    date.getSeconds(),
  ].map((part) => String(part).padStart(2, '0'))
  return `${year}-${month}-${day} ${hour}:${minute}:${second}`
}

/** Returns a number of things: `1 contact`, `1,200 contacts`. */
export function counted(number: number, noun: string, plural = `${noun}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? noun : plural}`
}

/** Returns a value, or a dash for none. */
export function orDash(value: string | number | null | undefined): string {
  return value === null || value === undefined || value === '' ? '–' : String(value)
}
