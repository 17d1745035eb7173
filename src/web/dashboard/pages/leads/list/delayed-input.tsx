import { type ComponentProps, useEffect, useEffectEvent, useState } from 'react'

interface DelayedInputProps extends Omit<ComponentProps<'input'>, 'value' | 'onChange'> {
  readonly value: string
  /** Called when the user pauses. */
  readonly onValue: (value: string) => void
}

const pauseMs = 250

/** An input whose value is used when the user pauses, and which follows a value that is set elsewhere. */
export function DelayedInput({ value, onValue, ...input }: DelayedInputProps) {
  const [text, setText] = useState(value)
  const [lastValue, setLastValue] = useState(value)
  if (value !== lastValue) {
    setLastValue(value)
    if (text.trim() !== value) setText(value)
  }
  const use = useEffectEvent(() => {
    if (text.trim() !== value) onValue(text.trim())
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: each text begins a pause of its own.
  useEffect(() => {
    const timer = setTimeout(() => use(), pauseMs)
    return () => clearTimeout(timer)
  }, [text])
  return <input {...input} value={text} onChange={({ target }) => setText(target.value)} />
}
