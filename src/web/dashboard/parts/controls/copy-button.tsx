import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { announce } from '../messages/announcer.tsx'
import { Button } from './button.tsx'

const shownMs = 2000

/** Copies a text, and says so. */
export function CopyButton({ text, label = 'Copy' }: { readonly text: string; readonly label?: string }) {
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    announce('Copied.')
    setCopied(true)
    setTimeout(() => setCopied(false), shownMs)
  }
  return (
    <Button onClick={() => void copy()}>
      {isCopied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
      {isCopied ? 'Copied' : label}
    </Button>
  )
}
