import type { Kind } from '../kind.ts'
import { jotform } from './jotform.ts'
import { tally } from './tally.ts'
import { typeform } from './typeform.ts'

/** Form builders. */
export const formKinds: readonly Kind[] = [typeform, tally, jotform]
