import type { Kind } from '../kind.ts'
import { rudderstack } from './rudderstack.ts'
import { segment } from './segment.ts'

/** Customer data platforms. */
export const customerDataKinds: readonly Kind[] = [segment, rudderstack]
