import type { ChildProcess } from 'node:child_process'
import type { Worker } from 'node:cluster'

/** Message of `node:cluster` with a connection for a worker, or the reply to it. */
interface Handover {
  readonly cmd?: string
  readonly act?: string
  readonly seq?: number
  readonly ack?: number
}

/**
 * Gives the connections that were on their way to a worker when it ended to another one. `node:cluster` forgets them, and
 * their callers would wait for ever: the event `disconnect`, at which it removes a worker, is missing while a connection
 * is on its way, and it keeps no list of them. So this emits the event, and declines each connection as a worker does that
 * no longer listens. These messages are not documented; test/flow/node-processes.test.ts fails when they change.
 */
export function returnLostConnections(worker: Worker): void {
  const child: ChildProcess = worker.process
  const handedOver = new Set<number>()
  let isRemoved = false
  observeSent(child, ({ cmd, act, seq }) => {
    if (cmd === 'NODE_CLUSTER' && act === 'newconn' && seq !== undefined) handedOver.add(seq)
  })
  child.on('internalMessage', ({ ack }: Handover) => {
    if (ack !== undefined) handedOver.delete(ack)
  })
  child.once('close', () => isRemoved || child.emit('disconnect'))
  worker.once('disconnect', () => {
    isRemoved = true
    for (const ack of [...handedOver]) child.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack, accepted: false })
  })
}

/** Calls back with each message to a process, before it is sent. */
function observeSent(child: ChildProcess, observe: (message: Handover) => void): void {
  const send = child.send.bind(child)
  Object.defineProperty(child, 'send', {
    value: (...parameters: Parameters<typeof send>) => {
      observe(parseHandover(parameters[0]))
      return send(...parameters)
    },
  })
}

function parseHandover(message: unknown): Handover {
  return typeof message === 'object' && message !== null ? message : {}
}
