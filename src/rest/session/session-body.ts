import { z } from 'zod'

/** Maximum length of a key. */
const maxLength = 256
const credential = z.string('a text is expected').min(1, 'a text is expected').max(maxLength)

/** Body of `POST /session`: the token of a sign-in link, or a key. */
export const newSession = z
  .strictObject({ token: credential.optional(), api_key: credential.optional() })
  .refine(({ token, api_key: key }) => (token === undefined) !== (key === undefined), {
    message: 'one of token and api_key is expected',
    path: ['token'],
  })

/** Session as it is shown; the cookie alone holds its token. */
export const sessionShape = z
  .object({ id: z.string(), created_at: z.iso.datetime(), expires_at: z.iso.datetime() })
  .meta({ id: 'Session' })
