/**
 * Returns the options of an LRUCache that holds at most so many entries. Its `max` would reserve the memory of all of them
 * at once, 24 bytes each, though most caches stay almost empty.
 */
export function atMostEntries(count: number) {
  return { maxSize: count, sizeCalculation: () => 1 }
}
