import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min'

const maxPhoneLength = 60
const minDigits = 5

/** Returns whether a text may be a phone number: `whatsapp: "yes"` is none. */
export function isPhoneLike(text: string): boolean {
  return text.length <= maxPhoneLength && (text.match(/\d/g)?.length ?? 0) >= minDigits
}

/** Returns whether a text is the ISO 3166 code of a country with phone numbers, such as `DE`. */
export const isPhoneCountry = isSupportedCountry

/**
 * Returns a phone number in E.164, such as `+14155550123`; undefined where it is invalid. Without a default country
 * only numbers with `+` are known.
 */
export function e164Of(phone: string, defaultCountry: string | undefined): string | undefined {
  const isKnown = defaultCountry !== undefined && isPhoneCountry(defaultCountry)
  const number = parsePhoneNumberFromString(phone, { extract: false, ...(isKnown && { defaultCountry }) })
  return number?.isValid() ? number.number : undefined
}
