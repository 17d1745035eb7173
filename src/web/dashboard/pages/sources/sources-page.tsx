import { Route, Switch } from 'wouter'
import { SourceList } from './list/source-list.tsx'
import { SourceView } from './source/source-view.tsx'

/** Shows the page Sources, and the page of one source. */
export function SourcesPage() {
  return (
    <Switch>
      <Route path="/sources/:id">{({ id }) => <SourceView key={id} id={id} />}</Route>
      <Route>
        <SourceList />
      </Route>
    </Switch>
  )
}
