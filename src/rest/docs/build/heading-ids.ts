/** Returns a function that names the headings of one page as GitHub does: `Metrics, alerts` is `metrics-alerts`. */
export function headingIds(): (heading: string) => string {
  const counts = new Map<string, number>()
  return (heading) => {
    const id = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-')
    const count = counts.get(id) ?? 0
    counts.set(id, count + 1)
    return count === 0 ? id : `${id}-${count}`
  }
}
