import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/min'

const maxPhoneLength = 60
const minDigits = 5

/** Returns whether a text may be a phone number: `whatsapp: "yes"` is none. */
export function isPhoneLike(text: string): boolean {
  return text.length <= maxPhoneLength && (text.match(/\d/g)?.length ?? 0) >= minDigits
}

/**
 * Returns a phone number in E.164, such as `+14155550123`; undefined where it is invalid. Without a default country
 * only numbers with `+` are known.
 */
export function e164Of(phone: string, defaultCountry: CountryCode | undefined): string | undefined {
  const number = parsePhoneNumberFromString(phone, { extract: false, ...(defaultCountry && { defaultCountry }) })
  return number?.isValid() ? number.number : undefined
}
