import { AppError, type ErrorCode } from '../../../platform/errors.ts'
import { refusal } from '../../execution/errors.ts'
import { builder } from '../../schema/builder.ts'
import { UserErrorCodeRef } from '../shared/user-error.ts'

const maxIds = 100

type BulkErrorCode = 'NOT_FOUND' | 'CONFLICT' | 'INVALID'

interface BulkResult {
  readonly id: string
  readonly error: { readonly code: BulkErrorCode; readonly message: string } | null
}

export const BulkResultRef = builder.objectRef<BulkResult>('BulkResult').implement({
  description: 'What became of one id.',
  fields: (t) => ({
    id: t.exposeID('id'),
    done: t.boolean({ resolve: ({ error }) => error === null }),
    errorCode: t.field({ type: UserErrorCodeRef, nullable: true, resolve: ({ error }) => error?.code ?? null }),
    message: t.string({ nullable: true, resolve: ({ error }) => error?.message ?? null }),
  }),
})

/** Cost of a change of so many ids. */
export const bulkComplexity = ({ ids }: { readonly ids: readonly unknown[] }) => ({
  field: 5,
  multiplier: Math.max(ids.length, 1),
})

/**
 * Changes each id for itself, one after the other, and returns what became of each; a repeated id is changed once.
 * @throws BAD_USER_INPUT for more than 100 ids
 */
export async function changeEach(ids: readonly string[], change: (id: string) => Promise<void>): Promise<BulkResult[]> {
  if (ids.length > maxIds) throw refusal('BAD_USER_INPUT', `At most ${maxIds} ids are allowed.`)
  const results: BulkResult[] = []
  for (const id of new Set(ids)) results.push({ id, error: await errorOf(() => change(id)) })
  return results
}

async function errorOf(change: () => Promise<void>): Promise<BulkResult['error']> {
  try {
    await change()
    return null
  } catch (error) {
    const code = error instanceof AppError ? codes[error.code] : undefined
    if (code === undefined || !(error instanceof Error)) throw error
    return { code, message: error.message }
  }
}

const codes: Partial<Record<ErrorCode, BulkErrorCode>> = {
  not_found: 'NOT_FOUND',
  conflict: 'CONFLICT',
  invalid_request: 'INVALID',
}
