import { CaptureStorageDocument } from '../../../../generated/graphql/graphql.ts'
import { useReading } from '../../connection/reading.ts'

const bytesPerMegabyte = 1024 ** 2

/** Storage of anonymous captures and its limit. Only admins can read it. */
export function StorageLine() {
  const { data, problem } = useReading(CaptureStorageDocument, {})
  if (!data) return problem ? <p className="soft">{problem.message}</p> : null
  const { bytes, maxBytes } = data.workspace.captureStorage
  return <p className="soft">{storageText(bytes, maxBytes)}</p>
}

function storageText(bytes: number, maxBytes: number | null): string {
  const stored = `Anonymous captures store ${megabytesText(bytes)}`
  if (maxBytes === null) return `${stored}.`
  const words = `${stored} of ${megabytesText(maxBytes)}`
  return bytes < maxBytes ? `${words}.` : `${words}. New ones are held without their fields.`
}

function megabytesText(bytes: number): string {
  const amount = bytes / bytesPerMegabyte
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} MB`
}
