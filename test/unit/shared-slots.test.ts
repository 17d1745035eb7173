import { expect, it } from 'vitest'
import { createSharedSlots } from '../../src/app/cluster/shared-slots.ts'

it('counts the slots that other processes hold, until they end', () => {
  const announced: unknown[] = []
  const slots = createSharedSlots((slot, count) => announced.push([slot, count]))
  const semaphore = slots.createSemaphore('sockets', 3)
  slots.setHeld(7, 'sockets key_1', 2)
  const release = semaphore.acquire('key_1')
  expect(release).toBeDefined()
  expect(semaphore.acquire('key_1')).toBeUndefined()
  expect(semaphore.acquire('key_2')).toBeDefined()
  release?.()
  release?.()
  expect(announced).toEqual([
    ['sockets key_1', 1],
    ['sockets key_2', 1],
    ['sockets key_1', 0],
  ])
  slots.forget(7)
  expect([1, 2, 3].map(() => semaphore.acquire('key_1'))).not.toContain(undefined)
  expect(semaphore.acquire('key_1')).toBeUndefined()
})
