import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../src/sources/payload.ts'
import { readGeneric } from './fixtures.ts'

const ann = { email: 'ann@example.com', firstName: 'Ann', lastName: 'Lee' }

describe('a lead in a shape of its own', () => {
  test.for<[string, JsonObject]>([
    ['an object named lead', { lead: { email: 'ann@example.com', full_name: 'Ann Lee' } }],
    [
      'objects within each other',
      { event: 'lead.created', data: { object: { attributes: { email: 'ann@example.com', name: 'Ann Lee' } } } },
    ],
    [
      'JSON:API',
      {
        data: {
          attributes: { email: 'ann@example.com', 'first-name': 'Ann', 'last-name': 'Lee' },
          relationships: { owner: { email: 'o@acme.example' } },
        },
      },
    ],
    [
      'questions and answers',
      {
        questions_and_answers: [
          { question: 'What is your email?', answer: 'ann@example.com' },
          { question: "What's your name?", answer: 'Ann Lee' },
        ],
      },
    ],
    [
      'fields by number, with types',
      {
        fields: {
          '0': { name: 'Name', value: 'Ann Lee', id: '0', type: 'name' },
          '1': { name: 'Email', value: 'ann@example.com', id: '1', type: 'email' },
        },
      },
    ],
    [
      'labels and keys',
      {
        fields: [
          { id: 1, key: 'name_17', label: 'Name', value: 'Ann Lee' },
          { id: 2, key: 'email_18', label: 'Email', value: 'ann@example.com' },
        ],
      },
    ],
    [
      'a list of single entries',
      { answers: [{ Email: 'ann@example.com' }, { 'First name': 'Ann' }, { 'Last name': 'Lee' }] },
    ],
    ['lists of one', { 'Email Address': ['ann@example.com'], 'Full name': ['Ann Lee'] }],
    ['a person with lists of addresses', { name: 'Ann Lee', emails: [{ label: 'work', value: 'ann@example.com' }] }],
    ['a form of WordPress', { _wpcf7: '1', 'your-name': 'Ann Lee', 'your-email': 'ann@example.com', 'menu-1': ['A'] }],
    ['a form named form', { form: { name: 'Ann Lee', email: 'ann@example.com', message: 'Hello' } }],
    [
      'an order',
      {
        billing: { first_name: 'Ann', last_name: 'Lee', email: 'ann@example.com' },
        shipping: { first_name: 'Bob', last_name: 'Ray' },
      },
    ],
    ['keys in capitals', { EMAIL: 'Ann@Example.com', FNAME: 'Ann', LNAME: 'Lee' }],
    [
      'the form beside a person',
      { form: { id: 7 }, name: 'Contact Us', first_name: 'Ann', last_name: 'Lee', email: 'ann@example.com' },
    ],
    [
      'the form with its name beside a person',
      { form: { id: 7, name: 'Contact Us' }, name: 'Ann Lee', email: 'ann@example.com' },
    ],
    ['a form without a name beside a person', { form: { id: 7 }, name: 'Ann Lee', email: 'ann@example.com' }],
    ['an id of the form beside a person', { form_id: '7', name: 'Ann Lee', email: 'ann@example.com' }],
    ['an answer in a form beside a person', { form: { message: 'Hi' }, name: 'Ann Lee', email: 'ann@example.com' }],
    ['the form beside the answers', { name: 'Contact Us', data: { name: 'Ann Lee', email: 'ann@example.com' } }],
    [
      'the form and its owner',
      {
        form: { id: '1', name: 'Contact', email: 'o@acme.example' },
        answers: { Email: 'ann@example.com', Name: 'Ann Lee' },
      },
    ],
    [
      'organiser and invitee',
      {
        organizer: { name: 'Hans Host', email: 'host@acme.example' },
        invitee: { name: 'Ann Lee', email: 'ann@example.com' },
      },
    ],
    [
      'a host in flat keys',
      { host_email: 'host@acme.example', host_name: 'Hans', email: 'ann@example.com', name: 'Ann Lee' },
    ],
    [
      'attendee and further guests',
      { attendees: [{ name: 'Ann Lee', email: 'ann@example.com' }], guests: ['g@example.com'] },
    ],
    [
      'a contact and its agent',
      {
        contact: { email: 'ann@example.com', name: 'Ann Lee' },
        assignee: { email: 'agent@acme.example', name: 'Agent Smith' },
      },
    ],
    [
      'sender and reply-to of a mail',
      {
        from: { email: 'noreply@tool.example' },
        reply_to: 'help@acme.example',
        fields: [
          { label: 'Email', value: 'ann@example.com' },
          { label: 'Name', value: 'Ann Lee' },
        ],
      },
    ],
    [
      'a company with an address',
      { company: { name: 'Acme', email: 'info@acme.example' }, email: 'ann@example.com', name: 'Ann Lee' },
    ],
    [
      'addresses of the site',
      {
        notification_email: 'n@acme.example',
        admin_email: 'x@acme.example',
        email: 'ann@example.com',
        first_name: 'Ann',
        last_name: 'Lee',
      },
    ],
    [
      'the address of a friend',
      { 'Your e-mail': 'ann@example.com', "Friend's e-mail": 'bob@example.com', 'Full name': 'Ann Lee' },
    ],
    ['a second address', { Email: 'ann@example.com', 'Secondary email': 'ann2@example.com', name: 'Ann Lee' }],
    ['the same address twice', { email: 'ann@example.com', contact: { email: 'ANN@example.com', name: 'Ann Lee' } }],
    ['an address with its name', { email: 'Ann Lee <ann@example.com>', first_name: 'Ann', last_name: 'Lee' }],
  ])('%s', ([, body]) => {
    const { status, email, fields } = readGeneric(body)
    expect({ status, email, firstName: fields.firstName, lastName: fields.lastName }).toEqual({
      status: 'accepted',
      ...ann,
    })
  })
})
