import { Suspense, useEffect, useRef } from 'react'
import { useLocation } from 'wouter'
import { useSignedIn } from '../connection/signed-in.tsx'
import { EmptyState } from '../parts/surface/empty-state.tsx'
import { PageHeader } from '../parts/surface/page-header.tsx'
import { Skeleton } from '../parts/surface/skeleton.tsx'
import { isWithin, type Page, pages } from '../routing/pages.ts'
import { PageBoundary } from './page-boundary.tsx'

/** Shows the page of the address, and moves the focus to its heading when the user opens another. */
export function CurrentPage({ openTestLead }: { readonly openTestLead: () => void }) {
  const [path] = useLocation()
  const page = pages.find((each) => isWithin(path, each.path))
  useFocusOnChange(page?.path)
  if (page === undefined) return <UnknownPage />
  return (
    <PageBoundary key={page.path}>
      <Suspense fallback={<Skeleton lines={6} />}>
        <Allowed page={page} openTestLead={openTestLead} />
      </Suspense>
    </PageBoundary>
  )
}

function Allowed({ page, openTestLead }: { readonly page: Page; readonly openTestLead: () => void }) {
  const { may } = useSignedIn()
  const { Content, name, scope } = page
  if (scope === undefined || may(scope)) return <Content openTestLead={openTestLead} />
  return (
    <>
      <PageHeader title={name} />
      <EmptyState title={`${name} needs a key with the scope ${scope}.`} />
    </>
  )
}

function UnknownPage() {
  return (
    <>
      <PageHeader title="There is no such page" />
      <EmptyState title="The address may be old.">
        <a href="#/">Go to Home</a>
      </EmptyState>
    </>
  )
}

function useFocusOnChange(path: string | undefined): void {
  const last = useRef(path)
  useEffect(() => {
    if (last.current === path) return
    last.current = path
    const heading = document.querySelector<HTMLElement>('main h1')
    if (heading) heading.focus()
    else document.getElementById('main')?.focus()
    scrollTo(0, 0)
  }, [path])
}
