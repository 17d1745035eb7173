/** Body as somebody may send it who wants to cost as much CPU as a body of 512 KiB can. */
export interface HostilePayload {
  readonly name: string
  readonly contentType: string
  readonly body: Uint8Array
}

export const maxBytes = 512 * 1024

/** Repeats what `itemOf` returns until the text has as many bytes as are left beside `around`. */
export function fill(itemOf: (nth: number) => string, separator: string, around: number): string {
  const items: string[] = []
  let left = maxBytes - around - 16
  for (let nth = 0; ; nth++) {
    const item = itemOf(nth)
    left -= Buffer.byteLength(item) + separator.length
    if (left < 0) return items.join(separator)
    items.push(item)
  }
}
