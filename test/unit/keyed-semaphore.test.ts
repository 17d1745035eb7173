import { describe, expect, it } from 'vitest'
import { createKeyedSemaphore } from '../../src/platform/limits/keyed-semaphore.ts'

describe('a semaphore', () => {
  it('gives each key so many places and no more', () => {
    const semaphore = createKeyedSemaphore(2)
    expect([semaphore.acquire('a'), semaphore.acquire('a'), semaphore.acquire('b')]).not.toContain(undefined)
    expect(semaphore.acquire('a')).toBeUndefined()
    expect(semaphore.acquire('b')).toBeDefined()
  })

  it('has a place again when one is given back, and one only when it is given back twice', () => {
    const semaphore = createKeyedSemaphore(2)
    const first = semaphore.acquire('a')
    semaphore.acquire('a')
    first?.()
    first?.()
    expect(semaphore.acquire('a')).toBeDefined()
    expect(semaphore.acquire('a')).toBeUndefined()
  })
})
