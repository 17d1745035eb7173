import type { Command } from 'commander'
import { endOfLog, positionAt } from '../../follow/event-position.ts'
import { followEvents } from '../../follow/follow-events.ts'
import type { FollowedEvent } from '../../follow/followed-event.ts'
import { clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { collectList, moment } from '../../frame/option-values.ts'
import type { Output, Result } from '../../output/output.ts'
import { printable } from '../../output/printable.ts'
import { localTime } from '../../output/words.ts'
import { connectionNotes } from './connection-notes.ts'

interface TailOptions {
  readonly events?: string[]
  readonly since?: Date
}

/** `rex tail`: live events, a line each. */
export function addTail(program: Command, context: CommandContext): void {
  program
    .command('tail')
    .description('print live events, a line each, until Ctrl-C; a cut loses none')
    .option('--events <types>', 'types of events, separated by commas [all]', collectList)
    .option('--since <time>', 'print first what happened since: 30m, 2h, 7d or a date', moment)
    .addHelpText('after', examples('rex tail', 'rex tail --events contact.created --since 2h --json'))
    .action(
      clientAction(context, async ({ api, output }, { since, events }: TailOptions) => {
        const signal = context.interruption()
        const start = since ? await positionAt(api, since) : await endOfLog(api)
        output.note(`Following the events of ${api.url}. Ctrl-C ends it.`)
        const wants = (type: string) => events === undefined || events.includes(type)
        await followEvents({
          api,
          start,
          types: events ?? null,
          signal,
          onState: connectionNotes(output),
          onEvent: async (event) => {
            if (wants(event.type)) await output.item(lineOf(event, output))
          },
        })
      }),
    )
}

function lineOf(event: FollowedEvent, { colors }: Output): Result {
  const { cursor, ...json } = event
  const { id, type, createdAt, data, changedFields } = event
  const changed = changedFields.length > 0 ? ` (${changedFields.join(', ')})` : ''
  const text = `${colors.dim(localTime(createdAt))}  ${colors.cyan(type.padEnd(16))} ${subjectOf(data)}${printable(changed)}  ${colors.dim(id)}`
  return { json, text, ids: [id] }
}

/** Returns who an event is about: an e-mail with a name, else an id. */
function subjectOf(data: unknown): string {
  const { email, first_name, last_name, id } = parseData(data)
  const name = [first_name, last_name].filter((part) => typeof part === 'string').join(' ')
  const subject = typeof email === 'string' ? `${email}${name === '' ? '' : ` ${name}`}` : String(id ?? '')
  return printable(subject)
}

function parseData(data: unknown): Record<string, unknown> {
  return typeof data === 'object' && data !== null ? { ...data } : {}
}
