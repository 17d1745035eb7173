import type { TypedDocumentNode } from '@urql/core'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useClient } from 'urql'
import type { HeldSubmissionFragment } from '../../../../../generated/graphql/graphql.ts'
import { usePolling } from '../../../connection/polling.ts'
import { type Problem, problemOf } from '../../../connection/problem.ts'
import { useLive } from '../../../connection/signed-in.tsx'

interface Page {
  readonly nodes: readonly HeldSubmissionFragment[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

/** A query of submissions. Keep it outside of the component, or memoized. */
interface PageQuery<Data, Variables extends { after?: string | null | undefined }> {
  readonly document: TypedDocumentNode<Data, Variables>
  readonly variables: Omit<Variables, 'after'>
  readonly pageOf: (data: Data) => Page | null | undefined
}

export interface SubmissionPages {
  /** Undefined until the first page is there. */
  readonly submissions: readonly HeldSubmissionFragment[] | undefined
  readonly problem: Problem | undefined
  readonly hasMore: boolean
  loadMore(): void
  /** Reads the shown pages again. */
  reload(): void
  /** Takes submissions out of the list, before it is read again. */
  remove(ids: ReadonlySet<string>): void
}

interface Shown {
  readonly submissions: readonly HeldSubmissionFragment[]
  readonly hasMore: boolean
}

const refreshMs = 4000

/** Reads submissions page by page, and the shown pages again every few seconds: no event announces a held one. */
export function useSubmissionPages<Data, Variables extends { after?: string | null | undefined }>(
  query: PageQuery<Data, Variables>,
): SubmissionPages {
  const [shown, setShown] = useState<Shown>()
  const [problem, setProblem] = useState<Problem>()
  const count = useRef(1)
  // The last of several readings counts.
  const turn = useRef(0)
  const pending = useRef(0)
  const readPage = usePageReader(query)
  const reload = useCallback(async () => {
    const mine = ++turn.current
    pending.current++
    const result = await readPages(readPage, count.current)
    pending.current--
    if (mine !== turn.current) return
    setProblem('problem' in result ? result.problem : undefined)
    if ('submissions' in result) setShown(result)
  }, [readPage])
  usePolling(refreshMs, () => {
    // A slow server would never be heard if each reading gave up the one before.
    if (pending.current === 0) void reload()
  })
  useLive('gaps', () => void reload())
  useEffect(() => {
    count.current = 1
    void reload()
    return () => void turn.current++
  }, [reload])
  return {
    submissions: shown?.submissions,
    problem,
    hasMore: shown?.hasMore ?? false,
    loadMore: () => {
      count.current++
      void reload()
    },
    reload: () => void reload(),
    remove: (ids) => {
      turn.current++
      setShown((before) => before && { ...before, submissions: before.submissions.filter(({ id }) => !ids.has(id)) })
    },
  }
}

type PageReader = (after: string | null) => Promise<Page | { readonly problem: Problem }>

function usePageReader<Data, Variables extends { after?: string | null | undefined }>({
  document,
  variables,
  pageOf,
}: PageQuery<Data, Variables>): PageReader {
  const client = useClient()
  return useCallback(
    async (after) => {
      const all = parseVariables<Variables>({ ...variables, after })
      const { data, error } = await client.query(document, all, { requestPolicy: 'network-only' })
      if (error) return { problem: problemOf(error) }
      return (data && pageOf(data)) ?? { problem: { code: 'NOT_FOUND', message: 'It no longer exists.', issues: [] } }
    },
    [client, document, variables, pageOf],
  )
}

/** TypeScript cannot follow that `after` completes the variables. */
function parseVariables<Variables>(variables: object): Variables {
  return variables as Variables
}

async function readPages(readPage: PageReader, count: number): Promise<Shown | { readonly problem: Problem }> {
  const submissions: HeldSubmissionFragment[] = []
  let after: string | null = null
  for (let nth = 0; nth < count; nth++) {
    const page: Awaited<ReturnType<PageReader>> = await readPage(after)
    if ('problem' in page) return page
    submissions.push(...page.nodes)
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
    if (after === null) break
  }
  return { submissions, hasMore: after !== null }
}
