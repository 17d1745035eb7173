import { expect, expectTypeOf, it } from 'vitest'
import { eventTypes as publishedTypes, type RexEvent } from '../../src/client/rex-event.ts'
import { type EventType, eventTypes } from '../../src/events/event-types.ts'

it('publishes every type of event in rex-capture/events, and no other', () => {
  expect(publishedTypes).toEqual(eventTypes)
  expectTypeOf<RexEvent['event']>().toEqualTypeOf<EventType>()
})
