import { bindForms } from './forms.ts'
import { openOutbox } from './outbox.ts'

const mark = Symbol.for('rex')

/** Once a page, however many tags it has. */
if (!(mark in document)) {
  Reflect.set(document, mark, true)
  bindForms()
  openOutbox()
}
