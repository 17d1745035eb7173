import { z } from 'zod'
import { type Answer, data, type Operation, type Parameter } from '../docs/openapi-operation.ts'

const text = (maxLength: number) => z.string().max(maxLength).nullable().optional()

const captureRequest = z
  .looseObject({
    email: z.string().max(254).meta({ description: 'One address: the identity, in lower case.' }),
    first_name: text(200),
    last_name: text(200),
    source: text(200),
    metadata: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({
        description:
          'Fields that are not known and do not begin with `_` go here too. A contact gets the first 50 keys of a capture, ' +
          'each of up to 64 characters, with texts of up to 5,000 (2,048 for URLs). Other keys become slugs, lists are ' +
          'joined, and objects are flattened: `utm: {source}` is `utm_source`.',
      }),
    _idempotency_key: z
      .string()
      .min(1)
      .max(255)
      .nullable()
      .optional()
      .meta({ description: 'For beacons and forms, which can set no header: the same as `Idempotency-Key`.' }),
    _altcha: z
      .string()
      .nullable()
      .optional()
      .meta({ description: 'A proof of work, where the workspace asks for one: what the widget puts into its form.' }),
  })
  .meta({ id: 'CaptureRequest' })

const capturedContact = z
  .object({
    id: z.string(),
    email: z.string(),
    first_name: z.string().nullable(),
    last_name: z.string().nullable(),
    stage: z.string(),
    source: z.string().nullable(),
    created_at: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'CapturedContact' })

const challenge = z
  .object({
    parameters: z.looseObject({ algorithm: z.string(), nonce: z.string(), salt: z.string(), expiresAt: z.int() }),
    signature: z.string(),
    configuration: z.looseObject({}).meta({ description: 'Of the widget.' }),
  })
  .meta({ id: 'Challenge' })

const idempotencyParameter: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'Kept for 24 hours: the same key, body and fields of the query get the first answer again, and nothing happens twice. Callers without an API key, and each API key, have names of their own.',
  schema: z.string().min(1).max(255).optional(),
}

const queryParameters: readonly Parameter[] = [
  ['source', 'Counts as the field of this name where the body has none.'],
  ['utm_source', 'Counts as a field where the body has none; so does every `utm_*` and click id, such as `gclid`.'],
].map(([name = '', description = '']) => ({ name, in: 'query', description, schema: z.string().optional() }))

const tokenParameter: Parameter = {
  name: 'token',
  in: 'path',
  description: 'The last part of a source’s `url`, such as `in_…`. It names workspace and source, so no key is sent.',
  schema: z.string(),
}

const sourceAnswer = z
  .object({
    status: z.enum(['accepted', 'held', 'ignored']),
    id: z.string(),
    count: z.int().optional().meta({ description: 'How many leads a list had.' }),
  })
  .meta({ id: 'SourceAnswer' })

const notModified: Answer = { status: 304, description: 'The caller has it.' }

const leadExample = {
  email: 'jane@example.com',
  first_name: 'Jane',
  last_name: 'Doe',
  source: 'organic',
  metadata: { utm_source: 'google', utm_campaign: 'spring-launch', landing_page: '/pricing' },
}

const sourceCapture: Operation = {
  method: 'post',
  path: '/capture/{token}',
  summary: 'Send a lead as a tool shapes it',
  description:
    'The URL of a source. `accepted` is committed as a contact; `held` is kept until its source understands it; `ignored` ' +
    'is an event that is no lead. The same submission again gets the first answer. A body may have 512 KiB, and any ' +
    'content type; one that cannot be read is held. 401 is a wrong signature, where the source has a secret, and 404 an ' +
    'unknown token. GET answers 200, or the handshake of the tool.',
  scope: null,
  parameters: [tokenParameter, ...queryParameters],
  body: {
    types: ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'],
    schema: z.looseObject({}).meta({ id: 'ToolPayload', description: 'Whatever the tool sends.' }),
    example: { 'Full name': 'Jane Doe', 'Work e-mail': 'jane@example.com', utm_source: 'google' },
  },
  success: { status: 200, description: 'Committed.', schema: data(sourceAnswer) },
  failures: [401, 404, 413, 429, 503],
}

/** The door, and what web pages need of it. */
export const captureOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/capture',
    summary: 'Send a lead',
    description:
      'Always 201, whether the e-mail is new or known: contact and event are committed. Without a key the answer is a ' +
      'receipt of what was sent; with a key that has CONTACTS_READ it is the stored contact. Forms name metadata ' +
      "`metadata[utm_source]`; a browser's form (`Accept: text/html`) gets 303 to its `_redirect` or a page of thanks, " +
      'and its errors as a page. Of a file its name is kept. Without `first_name` and `last_name` the names are read from ' +
      '`firstName`, `fname`, `lastName`, `lname`, `name` or `full_name`, and the e-mail from a label such as `E-Mail`. Tokens ' +
      'of captchas and against forged requests are dropped.',
    scope: null,
    parameters: [idempotencyParameter, ...queryParameters],
    body: {
      types: ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'],
      schema: captureRequest,
      example: leadExample,
      deepFields: ['metadata'],
    },
    success: { status: 201, description: 'Committed.', schema: data(capturedContact) },
    others: [
      { status: 200, description: "Committed; a browser's form is thanked.", schema: z.string(), type: 'text/html' },
      { status: 303, description: "Committed; a browser's form goes on to its `_redirect`." },
    ],
    failures: [400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 503],
  },
  sourceCapture,
  {
    method: 'get',
    path: '/capture.js',
    summary: 'The script for web pages',
    description: 'Sends every form that is marked `data-rex-form`. Kept for minutes; `If-None-Match` gets 304.',
    scope: null,
    success: { status: 200, description: 'JavaScript.', schema: z.string(), type: 'text/javascript' },
    others: [notModified],
    failures: [],
  },
  {
    method: 'get',
    path: '/capture/challenge',
    summary: 'Ask for a challenge of a proof of work',
    description: 'As ALTCHA has it, for its widget or a library of it. It holds for an hour, and counts once.',
    scope: null,
    success: { status: 200, description: 'The challenge.', schema: challenge },
    failures: [401, 403, 404, 429, 503],
  },
  {
    method: 'get',
    path: '/altcha.js',
    summary: "ALTCHA's widget",
    description: 'A module that makes `<altcha-widget>`. Kept for a day; `If-None-Match` gets 304.',
    scope: null,
    success: { status: 200, description: 'JavaScript.', schema: z.string(), type: 'text/javascript' },
    others: [notModified],
    failures: [],
  },
]
