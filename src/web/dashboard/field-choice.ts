import { element } from './element.ts'
import { fieldName, fieldNames } from './mapping.ts'

interface FieldChoice {
  readonly node: HTMLElement
  show(field: string): void
}

const prefix = 'metadata.'

/** Creates the choice of a field for a path: as it is found, a field of the contact, or metadata under a key. */
export function fieldChoice(
  { path, guess }: { readonly path: string; readonly guess: string | null },
  choose: (path: string, field: string) => void,
): FieldChoice {
  const asFound = guess === null ? 'As found' : `As found: ${fieldName(guess).replace('Metadata: ', '')}`
  const options = [['', asFound], ...Object.entries(fieldNames), [prefix, 'Metadata …']]
  const select = element(
    'select',
    { 'aria-label': `Field of ${path}` },
    options.map(([value = '', name]) => element('option', { value }, name)),
  )
  const key = element('input', { 'aria-label': `Metadata key of ${path}`, maxlength: 64, hidden: true })
  const apply = () => {
    key.hidden = select.value !== prefix
    if (key.hidden) return choose(path, select.value)
    key.value = key.value.trim() || keyOf(path)
    choose(path, `${prefix}${key.value}`)
  }
  select.addEventListener('change', apply)
  key.addEventListener('change', apply)
  const show = (field: string) => {
    const isMetadata = field.startsWith(prefix)
    select.value = isMetadata ? prefix : field
    key.hidden = !isMetadata
    key.value = isMetadata ? field.slice(prefix.length) : ''
  }
  return { node: element('div', { class: 'choose' }, select, key), show }
}

/** Returns a key from the last name in a path. */
function keyOf(path: string): string {
  return (
    path
      .toLowerCase()
      .match(/[a-z]\w*/g)
      ?.at(-1)
      ?.slice(0, 64) ?? 'value'
  )
}
