import { useEffect, useMemo, useRef } from 'react'
import { LeadsDocument } from '../../../../../generated/graphql/graphql.ts'
import { problemOf } from '../../../connection/problem.ts'
import { useLive, useSignedIn } from '../../../connection/signed-in.tsx'
import { useStore } from '../../../connection/store.ts'
import { isEmptyFilter, type LeadFilter, variablesOf } from './lead-filter.ts'
import { LeadList, type LeadListState } from './lead-list.ts'

/** Reads the leads of a filter, and follows the log. */
export function useLeadList(filter: LeadFilter, isBeingRead: () => boolean): { list: LeadList; state: LeadListState } {
  const { client } = useSignedIn().connection
  const isReadNow = useRef(isBeingRead)
  useEffect(() => {
    isReadNow.current = isBeingRead
  })
  const text = JSON.stringify(filter)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text says whether the filter is another one.
  const list = useMemo(() => {
    const variables = variablesOf(filter)
    const readPage = async (after: string | undefined) => {
      const page = { ...variables, ...(after !== undefined && { after }), withTotal: after === undefined }
      const { data, error } = await client.query(LeadsDocument, page, { requestPolicy: 'network-only' }).toPromise()
      if (data) return data.contacts
      throw new Error(error ? problemOf(error).message : 'The server sent no result.')
    }
    return new LeadList({ readPage, isFiltered: !isEmptyFilter(filter), isBeingRead: () => isReadNow.current() })
  }, [client, text])
  useEffect(() => list.reload(), [list])
  useLive('gaps', () => list.reload())
  useLive('events', ({ type, contact, data }) => {
    if (contact) list.apply({ kind: 'changed', lead: contact })
    else if (type === 'contact.erased') list.apply({ kind: 'erased', id: idIn(data) })
  })
  return { list, state: useStore(list.state) }
}

function idIn(data: unknown): string {
  return String((data as { id?: unknown } | null)?.id)
}
