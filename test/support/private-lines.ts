/** Forms of what no log line may hold, with the name of each. */
const forms = {
  'an e-mail': /[\w.+-]+@[\w-]+\.[a-z]{2,}/i,
  'an API key': /rex_[0-9A-Za-z]{8}_[0-9A-Za-z]{32}/,
  'a webhook secret': /whsec_[0-9A-Za-z+/]{16,}/,
  'the token of a source': /\bin_[0-9A-Za-z]{22,}/,
  'a body': /\\?"(?:email|first_name|last_name|metadata)\\?"\s*:/,
}

/** Throws when log lines hold personal data or a secret; says which line by its event alone. */
export function refusePrivateLines(lines: readonly string[], keys: readonly string[]): void {
  const leaks = lines.flatMap((line) => {
    const found = Object.entries(forms).flatMap(([name, form]) => (form.test(line) ? [name] : []))
    if (keys.some((key) => line.includes(key))) found.push('the key of the test')
    const [, event = 'of no event'] = /"event":"([^"]*)"/.exec(line) ?? []
    return found.map((name) => `${name} in a line ${event}`)
  })
  if (leaks.length > 0) throw new Error(`The log must hold nothing private: ${[...new Set(leaks)].join(', ')}.`)
}

/** Returns the lines of the log among what a process has printed: the rest is for the person who started it. */
export function logLinesOf(output: string): string[] {
  return output.split('\n').filter((line) => line.startsWith('{"level":'))
}
