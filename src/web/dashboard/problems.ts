import type { IssuesFragment } from '../../generated/graphql/graphql.ts'
import { wordOf } from './action.ts'
import { element } from './element.ts'
import { Refusal } from './refusal.ts'

/** The result of a change, or what is expected to go wrong with it. */
type Result<Success> = Success | IssuesFragment | null

/** The success. @throws Refusal with what the server says instead */
export function succeeded<Success extends object>(result: Result<Success>): Success {
  if (result === null) throw new Refusal('INTERNAL', 'Nothing was answered.')
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

/** A place for what is wrong with a field. */
export function problemAt(field: string): HTMLElement {
  return element('p', { class: 'problem', role: 'status', 'data-problem': field, id: `problem-${field}` })
}

/** Puts each problem at its field, and answers whether all have found one. */
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

/** A form that is sent once at a time, with what is wrong at its fields, and the rest in words. */
export function onSubmit(form: HTMLFormElement, work: () => Promise<void>, tell: (word: string) => void): void {
  let isBusy = false
  const send = async () => {
    isBusy = true
    tell('')
    showProblems(form, undefined)
    await work().catch((error: unknown) => {
      if (!showProblems(form, error)) tell(wordOf(error))
    })
    isBusy = false
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (!isBusy) void send()
  })
}
