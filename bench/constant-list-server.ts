import { createServer } from 'node:http'
import { createSchema, createYoga } from 'graphql-yoga'
import { listen } from './json-server.ts'

/** Yoga with the same list as constant data: what the executor costs without a database. */
const contacts = Array.from({ length: 20 }, (_, nth) => ({
  id: `cont_${nth}`,
  email: `lead-${nth}@example.com`,
  firstName: 'Jane',
  lastName: 'Doe',
  stage: 'lead',
  source: 'organic',
  submissionCount: 2,
  createdAt: new Date(0).toISOString(),
  submissions: [0, 1].map((child) => ({ id: `sub_${nth}_${child}`, receivedAt: new Date(0).toISOString() })),
}))
const schema = createSchema({
  typeDefs: /* GraphQL */ `
    type Submission { id: ID! receivedAt: String! }
    type Contact {
      id: ID! email: String! firstName: String lastName: String stage: String! source: String
      submissionCount: Int! createdAt: String! submissions: [Submission!]!
    }
    type Query { contacts: [Contact!]! }
  `,
  resolvers: { Query: { contacts: () => contacts } },
})

const yoga = createYoga({ schema, logging: false })

listen(createServer((request, response) => yoga(request, response)))
