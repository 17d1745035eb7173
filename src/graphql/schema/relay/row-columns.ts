import { Prisma } from '../../../generated/prisma/client.ts'

/** SQL lists of all columns of a table, under the names that Prisma's rows have: `first_name as "firstName"`. */
export const rowColumns = {
  contact: columnsOf(Prisma.ContactScalarFieldEnum),
  submission: columnsOf(Prisma.SubmissionScalarFieldEnum),
} as const

export type RowTable = keyof typeof rowColumns

function columnsOf(fields: Readonly<Record<string, string>>): string {
  return Object.values(fields)
    .map((field) => `${snakeCaseOf(field)} as "${field}"`)
    .join(', ')
}

function snakeCaseOf(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
