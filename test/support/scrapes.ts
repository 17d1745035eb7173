/** The values of one scrape, by series as Prometheus writes them: `rex_endpoints{status="failing"}`. */
export type Scrape = ReadonlyMap<string, number>

/** Scrapes `/metrics` as Prometheus does. */
export async function scrape({ url }: { readonly url: string }): Promise<Scrape> {
  const response = await fetch(`${url}/metrics`)
  const text = await response.text()
  if (response.status !== 200) throw new Error(`/metrics returned ${response.status}: ${text}`)
  return parseScrape(text)
}

function parseScrape(text: string): Scrape {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ')
      return [line.slice(0, end), Number(line.slice(end + 1))]
    }),
  )
}
