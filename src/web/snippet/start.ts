import { bindForms } from './forms.ts'
import { openOutbox } from './outbox.ts'

const mark = Symbol.for('rex')

/** Starts only once per page, even with several script tags. */
if (!(mark in document)) {
  Reflect.set(document, mark, true)
  bindForms()
  openOutbox()
}
