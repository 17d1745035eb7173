import { Route, Switch } from 'wouter'
import { EndpointPage } from './endpoint/endpoint-page.tsx'
import { EndpointList } from './list/endpoint-list.tsx'

/** Shows the page Webhooks, and the pages of one webhook: its deliveries, and how its signature is verified. */
export function WebhooksPage() {
  return (
    <Switch>
      <Route path="/webhooks/:id/verify">{({ id }) => <EndpointPage key={id} id={id} view="verify" />}</Route>
      <Route path="/webhooks/:id">{({ id }) => <EndpointPage key={id} id={id} view="deliveries" />}</Route>
      <Route>
        <EndpointList />
      </Route>
    </Switch>
  )
}
