import { createHash } from 'node:crypto'
import { wordsOf } from './words.ts'

const maxSlugLength = 64
/** Names that reach the prototype of an object: no metadata key may have them. */
const forbiddenSlugs = new Set(['constructor', 'prototype'])
/** Letters that NFKD does not take apart. */
const plainLetters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ı: 'i',
}

/**
 * Returns the metadata key of a label: `Job Title`, `jobTitle` and `job-title` are `job_title`. A label without Latin
 * letters gets `field_` and a hash, always the same one. Returns undefined for a label without letters and digits.
 */
export function slugOf(label: string): string | undefined {
  const words = wordsOf(label)
  const slug = words.flatMap((word) => latin(word) ?? []).join('_')
  if (/^[a-z]/.test(slug) && !forbiddenSlugs.has(slug)) return cutSlug(slug)
  if (slug !== '') return cutSlug(`field_${slug}`)
  return words.length === 0 ? undefined : `field_${hashOf(words.join(' '))}`
}

function latin(word: string): string | undefined {
  const letters = word.replace(/[ßæœøđðþłı]/g, (letter) => plainLetters[letter] ?? letter).replace(/[^a-z0-9]+/g, '')
  return letters === '' ? undefined : letters
}

function cutSlug(slug: string): string {
  return slug.length <= maxSlugLength ? slug : slug.slice(0, maxSlugLength).replace(/_+$/, '')
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}
