/** Signature header of one of the two families, read. */
export type SignatureHeader =
  | { readonly family: 'rex'; readonly timestamp: number; readonly v1: string; readonly other: string | undefined }
  | { readonly family: 'standard'; readonly signatures: readonly string[] }
  | { readonly family: 'unknown'; readonly problem: string }

/** Reads the value of `X-Rex-Signature` or of `webhook-signature`; the name of the header may stand before it. */
export function readSignatureHeader(text: string): SignatureHeader {
  const value = text
    .trim()
    .replace(/^(?:x-rex-signature|webhook-signature)\s*:\s*/i, '')
    .replace(/^(["'])(.*)\1$/, '$2')
  if (value === '') return unknown('It is empty.')
  if (/(?:^|,)\s*t=/.test(value)) return readRex(value)
  if (/^v1,/.test(value)) return readStandard(value)
  if (/^[0-9a-f]{64}$/i.test(value)) return unknown('It is a bare hex digest. Give the whole header: t=…,v1=…')
  return unknown('It is neither t=…,v1=… (X-Rex-Signature) nor v1,… (webhook-signature).')
}

function readRex(value: string): SignatureHeader {
  const parts = new Map(value.split(',').map((part) => splitOnce(part.trim())))
  const time = parts.get('t') ?? ''
  const v1 = parts.get('v1')
  if (!/^\d{1,12}$/.test(time)) return unknown('Its t is no Unix time in seconds.')
  if (v1 === undefined) return unknown('It has no v1.')
  if (!/^[0-9a-f]{64}$/.test(v1)) return unknown('Its v1 is not 64 lower-case hex digits.')
  return { family: 'rex', timestamp: Number(time), v1, other: parts.get('v1n') }
}

function readStandard(value: string): SignatureHeader {
  const signatures = value.split(/\s+/).map((part) => splitOnce(part, ','))
  const wrong = signatures.find(([version, signature]) => version !== 'v1' || !/^[A-Za-z0-9+/]{43}=$/.test(signature))
  if (wrong) return unknown('One of its parts is not v1, followed by the base64 of 32 bytes.')
  return { family: 'standard', signatures: signatures.map(([, signature]) => signature) }
}

function splitOnce(text: string, separator = '='): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

function unknown(problem: string): SignatureHeader {
  return { family: 'unknown', problem }
}
