export type Environment = Readonly<Record<string, string | undefined>>

/** Removes blank settings, which count as missing, except the one whose empty value has a meaning. */
export function withoutBlanks(environment: Environment): Environment {
  const names = Object.keys(environment).filter(
    (name) => name === 'REX_DEFAULT_WORKSPACE' || environment[name]?.trim() !== '',
  )
  return Object.fromEntries(names.map((name) => [name, environment[name]]))
}
