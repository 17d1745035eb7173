import { messageOf } from './async-button.ts'
import { element } from './element.ts'
import type { ViewContext } from './view-context.ts'

const bytesPerMegabyte = 1024 ** 2

/** Creates a line with the storage of anonymous captures and its limit; only admins can read it. */
export function storageLine(context: ViewContext): HTMLElement | null {
  if (!context.may('ADMIN')) return null
  const line = element('p', { class: 'soft', 'data-storage': '' })
  const show = async () => {
    const { bytes, maxBytes } = (await context.api.query('CaptureStorage', {})).workspace.captureStorage
    line.replaceChildren(storageWords(bytes, maxBytes ?? null))
  }
  void show().catch((error: unknown) => line.replaceChildren(messageOf(error)))
  return line
}

function storageWords(bytes: number, maxBytes: number | null): string {
  const stored = `Anonymous captures store ${megabytes(bytes)}`
  if (maxBytes === null) return `${stored}.`
  const words = `${stored} of ${megabytes(maxBytes)}`
  return bytes < maxBytes ? `${words}.` : `${words}. New ones are held without their fields.`
}

function megabytes(bytes: number): string {
  const amount = bytes / bytesPerMegabyte
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} MB`
}
