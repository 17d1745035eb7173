import { PrismaPg } from '@prisma/adapter-pg'
import express from 'express'
import { ulid } from 'ulid'
import { PrismaClient } from '../../src/generated/prisma/client.ts'

/** A capture as one would write it with Express and Prisma: one nested upsert for contact, submission and event. */
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env['DATABASE_URL'] }) })
const workspaceId = process.env['BENCH_WORKSPACE']

const app = express()
app.use(express.json())

app.post('/capture', async (request, response) => {
  const { email, first_name: firstName, last_name: lastName, source, metadata } = request.body
  const fields = { firstName, lastName, source, metadata }
  const submission = { id: `sub_${ulid()}`, status: 'ACCEPTED', fields: request.body, source, spamReasons: [] }
  const body = JSON.stringify(request.body)
  const event = (type) => ({ id: `evt_${ulid()}`, type, body, createdAt: new Date() })
  const contact = await prisma.contact.upsert({
    where: { workspaceId_email: { workspaceId, email } },
    create: {
      ...{ workspaceId, id: `cont_${ulid()}`, email, ...fields, stage: 'NEW_LEAD', trustedFields: [] },
      submissionCount: 1,
      submissions: { create: { ...submission, outcome: 'CREATED' } },
      events: { create: event('contact.created') },
    },
    update: {
      ...{ ...fields, updatedAt: new Date(), lastSeenAt: new Date() },
      version: { increment: 1 },
      submissionCount: { increment: 1 },
      submissions: { create: { ...submission, outcome: 'UPDATED' } },
      events: { create: event('contact.updated') },
    },
  })
  response.status(201).json({ data: { id: contact.id, email: contact.email } })
})

const server = app.listen(0, '127.0.0.1', () => console.log(`Listens on http://127.0.0.1:${server.address().port}`))
process.on('SIGTERM', () => process.exit())
