/** Tells whoever listens; nobody is told of what was before. */
export interface Channel<Message> {
  tell(message: Message): void
  /** Until the signal aborts. */
  listen(listener: (message: Message) => void, signal: AbortSignal): void
}

export function createChannel<Message>(): Channel<Message> {
  const listeners = new Set<(message: Message) => void>()
  return {
    tell: (message) => {
      for (const listener of listeners) listener(message)
    },
    listen: (listener, signal) => {
      listeners.add(listener)
      signal.addEventListener('abort', () => listeners.delete(listener))
    },
  }
}
