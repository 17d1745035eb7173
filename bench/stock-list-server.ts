import { createServer } from 'node:http'
import SchemaBuilder from '@pothos/core'
import PrismaPlugin from '@pothos/plugin-prisma'
import { PrismaPg } from '@prisma/adapter-pg'
import { createYoga } from 'graphql-yoga'
import { getDatamodel, type default as PrismaTypes } from '../src/generated/pothos.ts'
import { PrismaClient } from '../src/generated/prisma/client.ts'
import { listen } from './json-server.ts'

/** Server from the guides of Yoga, Pothos and Prisma on the same tables: no keys, limits, cursors or masking. */
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env['DATABASE_URL'] ?? '' }) })
const builder = new SchemaBuilder<{ PrismaTypes: PrismaTypes; Scalars: { Date: { Input: Date; Output: Date } } }>({
  plugins: [PrismaPlugin],
  prisma: { client: prisma, dmmf: getDatamodel() },
  // Rex's plugins add required options to the builder's types.
  scopeAuth: { authScopes: () => ({}) },
})
const text = { serialize: (date: Date) => date.toISOString() }
builder.scalarType('Date', { ...text, parseValue: () => new Date() })
builder.prismaObject('Submission', {
  fields: (t) => ({ id: t.exposeID('id'), receivedAt: t.expose('receivedAt', { type: 'Date' }) }),
})
builder.prismaObject('Contact', {
  fields: (t) => ({
    id: t.exposeID('id'),
    email: t.exposeString('email'),
    firstName: t.exposeString('firstName', { nullable: true }),
    lastName: t.exposeString('lastName', { nullable: true }),
    stage: t.exposeString('stage'),
    source: t.exposeString('source', { nullable: true }),
    submissionCount: t.exposeInt('submissionCount'),
    createdAt: t.expose('createdAt', { type: 'Date' }),
    submissions: t.relation('submissions', { query: { take: 2, orderBy: { id: 'desc' } } }),
  }),
})
const workspaceId = process.env['BENCH_WORKSPACE'] ?? ''
builder.queryType({
  fields: (t) => ({
    contacts: t.prismaField({
      type: ['Contact'],
      resolve: (query) =>
        prisma.contact.findMany({
          ...query,
          where: { workspaceId },
          orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
          take: 20,
        }),
    }),
  }),
})

const yoga = createYoga({ schema: builder.toSchema(), logging: false })

listen(createServer((request, response) => yoga(request, response)))
