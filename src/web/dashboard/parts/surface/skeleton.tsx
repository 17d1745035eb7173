import './skeleton.css'

/** Grey lines in place of content that is read, so that nothing jumps when it arrives. */
export function Skeleton({ lines = 3 }: { readonly lines?: number }) {
  return (
    <div className="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, nth) => (
        <span key={String(nth)} className="skeleton-line" />
      ))}
    </div>
  )
}
