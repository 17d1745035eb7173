import { createServer } from 'node:http'
import { useServer } from 'graphql-ws/use/ws'
import { createPubSub, createSchema, createYoga, filter, pipe } from 'graphql-yoga'
import { WebSocketServer } from 'ws'
import { listen, readBody, sendJson } from './json-server.ts'

/** Server from the guides of Yoga and graphql-ws: an in-process publisher, and one execution per subscriber. */
const published = createPubSub<{ created: [contact: Record<string, unknown>] }>()
let contacts = 0

const schema = createSchema({
  typeDefs: /* GraphQL */ `
    type Contact {
      id: ID!
      email: String!
      firstName: String
      lastName: String
      source: String
    }
    type ContactCreatedEvent {
      eventId: ID!
      occurredAt: String!
      contact: Contact!
    }
    input TextFilter {
      in: [String!]
    }
    input ContactFilter {
      source: TextFilter
    }
    type Query {
      contact: Contact
    }
    type Subscription {
      contactCreated(filter: ContactFilter): ContactCreatedEvent!
    }
  `,
  resolvers: {
    Subscription: {
      contactCreated: {
        subscribe: (_root: unknown, args: { filter?: { source?: { in?: readonly string[] } } }) => {
          const sources = args.filter?.source?.in
          const isWanted = ({ source }: Record<string, unknown>) =>
            sources === undefined || (typeof source === 'string' && sources.includes(source))
          return pipe(published.subscribe('created'), filter(isWanted))
        },
        resolve: (contact: Record<string, unknown>) => ({
          eventId: contact['eventId'],
          occurredAt: new Date().toISOString(),
          contact,
        }),
      },
    },
  },
})
const yoga = createYoga({ schema, logging: false })

const server = createServer(async (request, response) => {
  if (request.url !== '/capture') return yoga(request, response)
  const lead = JSON.parse((await readBody(request)).toString('utf8'))
  const id = `cont_${contacts++}`
  const contact = { ...lead, id, eventId: `evt_${id}`, firstName: lead.first_name, lastName: lead.last_name }
  published.publish('created', contact)
  sendJson(response, 201, { data: contact })
})
useServer({ schema }, new WebSocketServer({ server, path: '/graphql' }))
listen(server)
