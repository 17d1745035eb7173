/** Emitter of messages; a new listener receives no earlier messages. */
export interface Emitter<Message> {
  emit(message: Message): void
  /** Adds a listener until the signal aborts. */
  on(listener: (message: Message) => void, signal: AbortSignal): void
}

export function createEmitter<Message>(): Emitter<Message> {
  const listeners = new Set<(message: Message) => void>()
  return {
    emit: (message) => {
      for (const listener of listeners) listener(message)
    },
    on: (listener, signal) => {
      listeners.add(listener)
      signal.addEventListener('abort', () => listeners.delete(listener))
    },
  }
}
