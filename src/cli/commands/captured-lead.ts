/** Response of POST /capture. */
export interface CapturedLead {
  readonly id: string
  readonly email: string
}

/** Reads the response of POST /capture. */
export function parseLead(data: unknown): CapturedLead {
  return data as CapturedLead
}
