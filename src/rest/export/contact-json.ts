type Fields = Readonly<Record<string, unknown>>

/** Returns a contact of the schema with the field names of REST. Names that people posted stay as they are. */
export function contactJson(contact: Fields): Fields {
  const { firstTouch, lastTouch, ...fields } = contact
  return { ...inSnakeCase(fields), first_touch: touchJson(firstTouch), last_touch: touchJson(lastTouch) }
}

function touchJson(touch: unknown): Fields | null {
  return typeof touch === 'object' && touch !== null ? inSnakeCase({ ...touch }) : null
}

function inSnakeCase(fields: Fields): Fields {
  const named = Object.entries(fields).map(([name, value]) => [
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ])
  return Object.fromEntries(named)
}
