import type { IssuesFragment } from '../../generated/graphql/graphql.ts'
import { messageOf } from './async-button.ts'
import { element } from './element.ts'
import { Refusal } from './refusal.ts'

/** Result of a mutation: the success or an expected error. */
type Result<Success> = Success | IssuesFragment | null

/** Returns the success. @throws Refusal with the server's error */
export function unwrapResult<Success extends object>(result: Result<Success>): Success {
  if (result === null) throw new Refusal('INTERNAL', 'The server sent no result.')
  if (isFailure(result)) throw new Refusal(result.code, result.message, issuesOf(result))
  return result
}

function isFailure(result: object): result is IssuesFragment {
  return 'message' in result && 'path' in result
}

function issuesOf(failure: IssuesFragment): { path: string; message: string }[] {
  const { message, path } = failure
  if ('issues' in failure)
    return failure.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }))
  return path ? [{ path: path.join('.'), message }] : []
}

/** Creates the element for the error of a field. */
export function problemAt(field: string): HTMLElement {
  return element('p', { class: 'problem', role: 'status', 'data-problem': field, id: `problem-${field}` })
}

/** Shows each error at its field, and returns whether all of them have a field. */
function showProblems(form: HTMLElement, error: unknown): boolean {
  for (const place of form.querySelectorAll('[data-problem]')) place.replaceChildren()
  const issues = error instanceof Refusal ? error.issues : []
  const unplaced = issues.filter(({ path, message }) => {
    const place = form.querySelector(`[data-problem="${CSS.escape(path)}"]`)
    place?.append(message)
    return place === null
  })
  return issues.length > 0 && unplaced.length === 0
}

/** Handles a form's submit, one at a time: shows errors at their fields, and other errors as a message. */
export function onSubmit(form: HTMLFormElement, work: () => Promise<void>, showMessage: (word: string) => void): void {
  let isBusy = false
  const send = async () => {
    isBusy = true
    showMessage('')
    showProblems(form, undefined)
    await work().catch((error: unknown) => {
      if (!showProblems(form, error)) showMessage(messageOf(error))
    })
    isBusy = false
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (!isBusy) void send()
  })
}
