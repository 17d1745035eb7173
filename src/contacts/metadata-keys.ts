const maxKeyLength = 64
const plainPattern = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/
/** Matches plain keys, and the slugs of labels in other scripts. */
const storedPattern = /^\p{L}[\p{L}\p{M}\p{N}_.-]{0,63}$/u
export const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype'])
export const keyMessage = 'a key must be a letter followed by up to 63 letters, digits, _, . or -'

/** Slugs need no more of a label; it bounds the time for a long one. */
const maxLabelLength = 256
const nameOfUnnamed = 'field'
/** Latin letters that Unicode does not decompose into an ASCII letter and an accent. */
const asciiLetters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
}

/** Returns whether a name is stored as it was sent. */
export function isPlainKey(name: string): boolean {
  return plainPattern.test(name) && !forbiddenKeys.has(name)
}

/** Returns whether metadata of a contact may have this key: a plain key or a slug. */
export function isStoredKey(key: string): boolean {
  return storedPattern.test(key) && !forbiddenKeys.has(key)
}

/** Returns the metadata key of a field's name: the name itself where it is a plain key, else its slug. */
export function metadataKeyOf(name: string): string {
  return isPlainKey(name) ? name : slugOf(name)
}

/**
 * Returns the slug of a label: `Phone Number` is `phone_number`. Accents of Latin letters are removed, and letters of
 * other scripts are kept. A label that begins with no letter gets the prefix `field_`; one without any letter or digit
 * is `field`.
 */
function slugOf(label: string): string {
  const words = asciiWhereLatin(label.slice(0, maxLabelLength))
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '_')
    .replace(/^[_\p{M}]+/u, '')
  const isKey = /^\p{L}/u.test(words) && !forbiddenKeys.has(words)
  return withoutEnd(isKey ? words : `${nameOfUnnamed}_${words}`)
}

function asciiWhereLatin(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[ßæœøłđðþı]/g, (letter) => asciiLetters[letter] ?? letter)
    .replace(/([a-z])[\u0300-\u036f]+/g, '$1')
    .normalize('NFC')
}

/** Cuts a slug to the length of a key, by characters, and removes underscores at its end. */
function withoutEnd(slug: string): string {
  const cut = [...slug].slice(0, maxKeyLength)
  while (cut.at(-1) === '_') cut.pop()
  return cut.join('')
}
