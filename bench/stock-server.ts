import { createServer } from 'node:http'
import { useServer } from 'graphql-ws/use/ws'
import { createPubSub, createSchema, createYoga } from 'graphql-yoga'
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
    type Query {
      contact: Contact
    }
    type Subscription {
      contactCreated: ContactCreatedEvent!
    }
  `,
  resolvers: {
    Subscription: {
      contactCreated: {
        subscribe: () => published.subscribe('created'),
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
