/** Properties of every page. */
export interface PageProps {
  readonly openTestLead: () => void
}
