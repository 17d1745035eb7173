/** Whether an endpoint that lists these types (or `*`) wants an event of this type. */
export function wantsEvent(listed: readonly string[], type: string): boolean {
  return listed.includes('*') || listed.includes(type)
}
