import { useState } from 'react'

/** Keeps a value of this browser between visits. Others may have written there, so `parse` checks it. */
export function useStoredValue<Value>(
  key: string,
  parse: (stored: unknown) => Value,
): readonly [Value, (value: Value) => void] {
  const [value, setValue] = useState(() => parse(read(key)))
  const store = (next: Value) => {
    localStorage.setItem(key, JSON.stringify(next))
    setValue(next)
  }
  return [value, store]
}

function read(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null')
  } catch {
    return null
  }
}
