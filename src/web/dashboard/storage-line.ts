import { wordOf } from './action.ts'
import { element } from './element.ts'
import type { Rex } from './rex.ts'

const bytesPerMegabyte = 1024 ** 2

/** A line that shows how much anonymous captures store, and the bound of it; only an admin may read it. */
export function storageLine(rex: Rex): HTMLElement | null {
  if (!rex.may('ADMIN')) return null
  const line = element('p', { class: 'soft', 'data-storage': '' })
  const show = async () => {
    const { bytes, maxBytes } = (await rex.api.ask('CaptureStorage', {})).workspace.captureStorage
    line.replaceChildren(storageWords(bytes, maxBytes ?? null))
  }
  void show().catch((error: unknown) => line.replaceChildren(wordOf(error)))
  return line
}

function storageWords(bytes: number, maxBytes: number | null): string {
  const stored = `Anonymous captures store ${megabytes(bytes)}`
  if (maxBytes === null) return `${stored}.`
  const words = `${stored} of ${megabytes(maxBytes)}`
  return bytes < maxBytes ? `${words}.` : `${words}: new ones are held without their fields.`
}

function megabytes(bytes: number): string {
  const amount = bytes / bytesPerMegabyte
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} MB`
}
