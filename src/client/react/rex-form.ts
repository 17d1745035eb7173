'use client'

import { createElement, type FormHTMLAttributes, type ReactElement, type ReactNode } from 'react'
import { type CaptureOptions, useCapture } from './use-capture.ts'

type FormAttributes = Omit<FormHTMLAttributes<HTMLFormElement>, keyof typeof postAttributes | 'action' | 'onSubmit'>

/** The browser's own post has the same bytes as what a script sends. */
const postAttributes = { method: 'post', encType: 'application/x-www-form-urlencoded', acceptCharset: 'utf-8' } as const

/** `url` is the address of the capture, such as `https://rex.example.com/capture`. */
export interface RexFormProps extends FormAttributes, CaptureOptions {
  readonly children: ReactNode
  /** Shown after a success, as a status. */
  readonly sentText?: ReactNode
  /** Shown after a failure, as an alert, in front of the messages of the fields. */
  readonly failedText?: ReactNode
}

/**
 * Form that sends its fields to Rex. Without JavaScript, and before React has loaded, the browser posts it as any other
 * form; so it does when a script could not reach Rex. Its `data-rex-state` is `idle`, `sending`, `sent` or `failed`.
 */
export function RexForm({
  url,
  onSent,
  onFailed,
  children,
  sentText,
  failedText,
  ...rest
}: RexFormProps): ReactElement {
  const { state, submit } = useCapture({ url, onSent, onFailed })
  const busy = state.name === 'sending'
  const attributes = { ...rest, ...postAttributes, action: url, 'data-rex-state': state.name, 'aria-busy': busy }
  return createElement(
    'form',
    { ...attributes, onSubmit: submit },
    children,
    createElement(Honeypot),
    state.name === 'sent' && createElement('p', { role: 'status' }, sentText ?? 'Thank you. This was sent.'),
    state.name === 'failed' &&
      createElement('p', { role: 'alert' }, failedText ?? 'This could not be sent.', ' ', state.messages.join(' ')),
  )
}

/** Field that people cannot see or reach: only programs fill it in. */
function Honeypot(): ReactElement {
  const input = { name: '_gotcha', autoComplete: 'off', tabIndex: -1, defaultValue: '' }
  const style = { position: 'fixed', left: '-9999px' } as const
  return createElement('label', { 'aria-hidden': true, style }, 'Leave empty', createElement('input', input))
}
