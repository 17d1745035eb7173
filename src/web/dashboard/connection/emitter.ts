/** Emitter of messages; a new listener receives no earlier messages. */
export interface Emitter<Message> {
  emit(message: Message): void
  /** Adds a listener, and returns the function that removes it. */
  on(listener: (message: Message) => void): () => void
}

export function createEmitter<Message>(): Emitter<Message> {
  const listeners = new Set<(message: Message) => void>()
  return {
    emit: (message) => {
      for (const listener of listeners) listener(message)
    },
    on: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
