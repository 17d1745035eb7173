/** Returns whether a text has more characters than allowed: some of them take two units of UTF-16. */
export function isLongerThan(text: string, maxLength: number): boolean {
  return text.length > maxLength && [...text].length > maxLength
}
