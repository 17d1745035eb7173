const words: Readonly<Record<string, string>> = {
  needs_mapping: 'no e-mail was found',
  ambiguous_email: 'several e-mails could be the person’s',
  invalid_email: 'the e-mail is not valid',
  test_lead: 'the tool says that it is a test',
  needs_fetch: 'the tool sent only ids, without the answers',
  unreadable: 'the payload could not be read',
  source_disabled: 'the source was disabled',
}

interface Reasons {
  readonly reasons: readonly string[]
  readonly spamReasons?: readonly string[]
}

/** Returns in words why a submission is no lead; empty without a reason. A reason may be the name of a tool's event. */
export function reasonsText({ reasons, spamReasons = [] }: Reasons): string {
  return [...reasons, ...spamReasons].map((reason) => words[reason] ?? reason.replaceAll('_', ' ')).join(', ')
}
