import type { Command } from 'commander'
import type { Api } from '../../api/api.ts'
import { serverUrl } from '../../api/server-url.ts'
import { endOfLog, positionAt, storedEvent } from '../../follow/event-position.ts'
import { followEvents } from '../../follow/follow-events.ts'
import { type FollowedEvent, webhookBody } from '../../follow/followed-event.ts'
import { type ClientTools, clientAction } from '../../frame/action.ts'
import { CliError } from '../../frame/cli-error.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { exitCodes } from '../../frame/exit-codes.ts'
import { collectList, moment } from '../../frame/option-values.ts'
import type { Output, Result } from '../../output/output.ts'
import { localTime } from '../../output/words.ts'
import { type ForwardOutcome, forward } from '../../webhook/forward.ts'
import { listenSecret } from '../../webhook/listen-secret.ts'
import { connectionNotes } from './connection-notes.ts'

interface ListenOptions {
  readonly forwardTo: string
  readonly events?: string[]
  readonly since?: Date
  readonly replay?: string
  readonly secret?: string
}

/** `rex listen`: live events as signed webhooks to a local address, with no tunnel. */
export function addListen(program: Command, context: CommandContext): void {
  program
    .command('listen')
    .description('post live events as signed webhooks to a local address, until Ctrl-C; a cut loses none')
    .requiredOption('--forward-to <url>', 'address that gets the webhooks')
    .option('--events <types>', 'types of events, separated by commas [all but webhook.test]', collectList)
    .option('--since <time>', 'send first what happened since: 30m, 2h, 7d or a date', moment)
    .option('--replay <id>', 'send first the event with this id, or of this delivery')
    .option('--secret <secret>', 'secret to sign with; left out: one that stays the same for this server and key')
    .addHelpText(
      'after',
      examples(
        'rex listen --forward-to http://127.0.0.1:3000/hooks',
        'rex listen --forward-to http://127.0.0.1:3000/hooks --events contact.created --since 2h',
        'rex listen --forward-to http://127.0.0.1:3000/hooks --replay evt_01HQ…',
      ),
    )
    .action(
      clientAction(context, async (tools, options: ListenOptions) => {
        const url = serverUrl(options.forwardTo, '--forward-to')
        const secret = options.secret ?? listenSecret(tools.api.url, tools.api.apiKey ?? '')
        await listen(tools, { ...options, forwardTo: url, secret })
      }),
    )
}

async function listen(
  { api, output, context }: ClientTools,
  { forwardTo, events, since, replay, secret }: ListenOptions & { readonly secret: string },
): Promise<void> {
  const signal = context.interruption()
  const adviseOnce = once(() => output.note(signatureAdvice))
  const send = async (event: FollowedEvent) => {
    const body = webhookBody(event)
    const outcome = await forward({ url: forwardTo, secret, eventId: event.id, type: event.type, body })
    await output.item(lineOf(event, outcome, output))
    if (isRefusal(outcome)) adviseOnce()
  }
  const replayed = replay === undefined ? undefined : await eventToReplay(api, replay)
  const start = since ? await positionAt(api, since) : await endOfLog(api)
  const text = `Listening to ${api.url}, forwarding to ${forwardTo}\nSigning secret: ${secret}`
  await output.item({ json: { listeningTo: api.url, forwardingTo: forwardTo, secret }, text })
  if (replayed) await send(replayed)
  const wants = (type: string) => (events ? wantsOneOf(events, type) : type !== 'webhook.test')
  await followEvents({
    api,
    start,
    types: events?.includes('*') ? null : (events ?? null),
    signal,
    onState: connectionNotes(output),
    onEvent: async (event) => {
      if (wants(event.type)) await send(event)
    },
  })
}

const signatureAdvice =
  'If your program rejects the signature, `rex verify` says why: give it the secret above, the header and the raw body.'

/** Tells whether a receiver may have rejected the signature. */
function isRefusal(outcome: ForwardOutcome): boolean {
  return outcome.kind === 'answered' && [400, 401, 403].includes(outcome.status)
}

function once(run: () => void): () => void {
  let hasRun = false
  return () => {
    if (!hasRun) run()
    hasRun = true
  }
}

function wantsOneOf(events: readonly string[], type: string): boolean {
  return events.includes('*') || events.includes(type)
}

async function eventToReplay(api: Api, id: string): Promise<FollowedEvent> {
  const event = await storedEvent(api, id)
  if (event) return event
  throw new CliError(`There is no event ${id}.`, {
    exitCode: exitCodes.notFound,
    hint: 'Give the id of an event (evt_…) or of a delivery (dlv_…).',
  })
}

function lineOf({ id, type, createdAt }: FollowedEvent, outcome: ForwardOutcome, { colors }: Output): Result {
  const { durationMs } = outcome
  const status = outcome.kind === 'answered' ? outcome.status : null
  const isAccepted = status !== null && status >= 200 && status < 300
  const result = outcome.kind === 'answered' ? String(outcome.status) : outcome.reason
  const shown = isAccepted ? colors.green(result) : colors.red(result)
  return {
    json: {
      eventId: id,
      type,
      createdAt,
      status,
      error: outcome.kind === 'failed' ? outcome.reason : null,
      durationMs,
    },
    text: `${colors.dim(localTime(new Date().toISOString()))}  ${type.padEnd(16)} ${id}  ${shown} in ${durationMs} ms`,
    ids: [id],
  }
}
