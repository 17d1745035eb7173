import type { JsonValue } from '../payload.ts'
import { textOf, wholeTextOf } from '../value-text.ts'
import { type Finding, fieldOf, isField } from './finding.ts'
import type { MetadataCollector } from './values/metadata.ts'
import { e164Of, isPhoneLike } from './values/phones.ts'

/**
 * Adds the lead's phone number and company to the metadata, a mapped one before a found one. Returns the findings that
 * are in it by then; another number stays under its own label.
 */
export function collectPerson(
  findings: readonly Finding[],
  mapped: ReadonlyMap<string, JsonValue>,
  defaultCountry: string | undefined,
  metadata: MetadataCollector,
): Finding[] {
  const phone = mapped.has('phone') ? undefined : findings.find((finding) => isPhone(finding))
  const company = mapped.has('company') ? undefined : findings.find((finding) => isCompany(finding))
  addPhone(mapped.get('phone') ?? phone?.value, defaultCountry, metadata)
  const companyValue = mapped.get('company') ?? company?.value
  if (companyValue !== undefined) metadata.add('company', textOf(companyValue))
  const number = phone && textOf(phone.value)
  const repeated =
    number === undefined ? [] : findings.filter(({ value }) => value === phone?.value || value === number)
  return [...repeated, ...(company === undefined ? [] : [company])]
}

function addPhone(value: JsonValue | undefined, defaultCountry: string | undefined, metadata: MetadataCollector): void {
  if (value === undefined) return
  const phone = wholeTextOf(value)
  metadata.add('phone', phone)
  const e164 = e164Of(phone, defaultCountry)
  if (e164 !== undefined) metadata.add('phone_e164', e164)
}

function isPhone(finding: Finding): boolean {
  return isField(finding, 'phone') && isPhoneLike(textOf(finding.value))
}

/** A company may name itself (`company.name`), so only what stands within somebody else is left out. */
function isCompany(finding: Finding): boolean {
  return fieldOf(finding) === 'company' && finding.standing !== 'stranger' && typeof finding.value !== 'boolean'
}
