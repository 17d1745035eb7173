import type { JsonObject, JsonValue } from '../../payload.ts'
import { textAt } from '../answers.ts'

/**
 * Returns the id of an entry for repeats. WordPress counts entries from 1 on each site, so that two sites which share
 * a source have the same ids: the host of the page and the form's id are part of it. Undefined without all three.
 */
export function entryId(entry: JsonObject, pageUrl: JsonValue | undefined): string | undefined {
  const [id, form, host] = [textAt(entry, 'id'), textAt(entry, 'form_id'), hostOf(pageUrl)]
  return id === undefined || form === undefined || host === undefined ? undefined : `${host}/${form}/${id}`
}

function hostOf(url: JsonValue | undefined): string | undefined {
  return typeof url === 'string' && URL.canParse(url) ? new URL(url).host : undefined
}
