import type { SearchSection } from '../build/search-sections.ts'

/** The index, which stands before this code in the file that is served. */
declare const rexDocs: readonly SearchSection[]

const maxResults = 20

/** Adds the search to the page: without JavaScript there is none, and no dead field. */
function addSearch(place: HTMLElement): void {
  const field = document.createElement('input')
  field.type = 'search'
  field.placeholder = 'Search the documentation'
  field.setAttribute('aria-label', field.placeholder)
  const status = document.createElement('p')
  status.className = 'soft'
  status.setAttribute('role', 'status')
  const list = document.createElement('ol')
  field.addEventListener('input', () => {
    const found = search(field.value)
    list.replaceChildren(...found.map(itemOf))
    status.textContent = field.value.trim() === '' ? '' : summaryOf(found.length)
  })
  place.append(field, status, list)
}

/** Returns the sections that have every word, those with the words in their heading first. */
function search(text: string): SearchSection[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return []
  const found = rexDocs.filter((section) => words.every((word) => section.words.includes(word)))
  const isTitled = ({ heading }: SearchSection) => words.every((word) => heading.toLowerCase().includes(word))
  return [...found.filter(isTitled), ...found.filter((section) => !isTitled(section))].slice(0, maxResults)
}

function itemOf({ address, page, heading }: SearchSection): HTMLLIElement {
  const link = document.createElement('a')
  link.href = address
  link.textContent = heading === page ? page : `${page}: ${heading}`
  const item = document.createElement('li')
  item.append(link)
  return item
}

function summaryOf(count: number): string {
  if (count === 0) return 'Nothing is found.'
  return count === maxResults ? `The first ${count} sections` : `${count} ${count === 1 ? 'section' : 'sections'}`
}

const place = document.getElementById('search')
if (place !== null) addSearch(place)
