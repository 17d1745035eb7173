import type { JsonObject } from '../../payload.ts'
import type { Standing } from '../finding.ts'
import type { Label } from '../label.ts'
import { wordSet } from '../labels.ts'
import { isFrame, namesOwner, namesPerson, namesStranger } from '../strangers.ts'

/** Names of objects that say nothing about what is in them. */
const wrappers = wordSet(`
  data payload body fields formdata formfields answers responses response values details info attributes properties
  customfields customattributes custom submission submissions entry entries record records result results items content
  params parameters inputs questions object merges hidden extra additional meta metadata formresponse rawrequest
  daten felder antworten donnees champs reponses datos campos respuestas dados
`)

/** Keys by which a tool describes a form or page of its own, rather than what was entered in it. */
const identityKeys = ['id', '_id', 'uid', 'uuid', 'title', 'slug', 'url', 'key']

const trackingNames = wordSet(
  'utm utms utmparams utmparameters utmtags utmdata campaign attribution tracking traffic marketing',
)

/** Returns whether the name of an object is left out of labels and metadata keys. */
export function isWrapper({ words }: Label): boolean {
  return wrappers.has(words.join('')) || namesPerson(words)
}

/** Returns whether an object of this name holds `source`, `medium` and the like of a campaign. */
export function isTrackingBlock({ words }: Label): boolean {
  return trackingNames.has(words.join(''))
}

/** Returns what an object within another one is about. Nothing within a stranger is about the lead. */
export function standingWithin(outer: Standing, { words }: Label, object: JsonObject): Standing {
  if (outer === 'stranger' || namesStranger(words)) return 'stranger'
  if (namesPerson(words)) return 'person'
  if (namesOwner(words)) return 'thing'
  if (isFrame(words) && identityKeys.some((key) => Object.hasOwn(object, key))) return 'thing'
  return outer
}
