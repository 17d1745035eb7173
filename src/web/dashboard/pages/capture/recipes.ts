/** Parts of the script that a page can choose. */
export interface SnippetOptions {
  /** Sends the visitor to this URL after a success; empty: the form stays. */
  readonly redirect: string
  readonly hasFailedText: boolean
  readonly hasQueuedText: boolean
  readonly hasMessagePlace: boolean
}

/** Returns a curl command that sends a lead to this server. */
export function curlOf(origin: string): string {
  return `curl -X POST ${origin}/capture \\
  -H 'Content-Type: application/json' \\
  -d '{"email": "jane@example.com", "first_name": "Jane", "source": "website"}'`
}

/** Returns a form that works without scripts. */
export function formOf(origin: string): string {
  return `<form action="${origin}/capture" method="post">
  <label>E-mail <input name="email" type="email" autocomplete="email" required></label>
  <label>Name <input name="name" autocomplete="name"></label>
  <input name="_gotcha" tabindex="-1" autocomplete="off" hidden>
  <button>Send</button>
</form>`
}

/** Returns a form that the capture script sends, with the chosen options. */
export function snippetOf(origin: string, options: SnippetOptions): string {
  const attributes = [
    'data-rex-form',
    ...(options.hasFailedText ? ['data-rex-failed="Please try again."'] : []),
    ...(options.hasQueuedText ? ['data-rex-queued="We will send it when you are online."'] : []),
  ]
  const redirect = options.redirect.trim()
  const lines = [
    `<script src="${origin}/capture.js" defer></script>`,
    '',
    `<form action="${origin}/capture" method="post" ${attributes.join(' ')}>`,
    '  <label>E-mail <input name="email" type="email" autocomplete="email" required></label>',
    ...(redirect === '' ? [] : [`  <input type="hidden" name="_redirect" value="${escapeAttribute(redirect)}">`]),
    '  <button>Send</button>',
    ...(options.hasMessagePlace ? ['  <p data-rex-message></p>'] : []),
    '</form>',
  ]
  return lines.join('\n')
}

/** Returns a form for React. */
export function reactOf(origin: string): string {
  return `import { RexForm } from 'rex-capture/react'

export function SignUp() {
  return (
    <RexForm url="${origin}/capture" sentText="Thank you.">
      <label>E-mail <input name="email" type="email" autoComplete="email" required /></label>
      <button>Send</button>
    </RexForm>
  )
}`
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}
