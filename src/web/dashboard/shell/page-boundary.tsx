import { Component, type ReactNode } from 'react'
import { Failure } from '../parts/surface/empty-state.tsx'

interface BoundaryProps {
  readonly children: ReactNode
}

/** Shows the failure of a page in words with a way on; the rest of the dashboard stays. Give it the page as its key. */
export class PageBoundary extends Component<BoundaryProps, { readonly error: unknown }> {
  override readonly state = { error: undefined }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override render() {
    if (this.state.error === undefined) return this.props.children
    return (
      <Failure
        message="This page could not be shown. If Rex was updated meanwhile, loading it again helps."
        onRetry={() => location.reload()}
      />
    )
  }
}
