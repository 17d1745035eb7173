import { describe, expect, test } from 'vitest'
import { slugOf } from '../../../src/platform/text/slug.ts'
import { wordsOf } from '../../../src/platform/text/words.ts'
import { labelOf } from '../../../src/sources/read/label.ts'

describe('a label names a field', () => {
  const listed = {
    email:
      'email, emailaddress, mail, youremail, useremail, workemail, businessemail, contactemail, emailid, correo, correoelectronico, courriel, adressemail',
    first_name:
      'firstname, fname, first, givenname, yourfirstname, forename, prenom, vorname, nombre, namefirst, contactnamefirst',
    last_name:
      'lastname, lname, last, surname, familyname, yourlastname, nachname, apellido, apellidos, namelast, contactnamelast',
    full_name: 'name, fullname, yourname, contactname, displayname, nombrecompleto',
    phone:
      'phone, phonenumber, tel, telephone, mobile, mobilephone, cell, whatsapp, userphone, telefon, telefono, phonefull',
    company:
      'company, companyname, organization, organisation, business, businessname, employer, firma, empresa, entreprise, societe',
  }
  test.for(Object.entries(listed))('%s by every listed name', ([field, names]) => {
    for (const name of names.split(', ')) expect({ name, field: labelOf(name).field }).toEqual({ name, field })
  })

  test.for([
    ['your-email', 'email'],
    ['Email Address', 'email'],
    ['E-Mail-Adresse (Pflichtfeld)', 'email'],
    ['What is your e-mail address, please?', 'email'],
    ['Confirm Email', 'email'],
    ['billing_email', 'email'],
    ['contact.Email[0]', 'email'],
    ['q4_email', 'email'],
    ['input_email_2', undefined],
    ['q3_name.first', 'first_name'],
    ['contact.Name.First', 'first_name'],
    ['FNAME', 'first_name'],
    ['Nachname', 'last_name'],
    ['PRÉNOM', 'first_name'],
    ['Ihr Name', 'full_name'],
    ['form_name', undefined],
    ['username', undefined],
    ['product name', undefined],
    ['event_name', undefined],
    ['file name', undefined],
    ['q5_phoneNumber', 'phone'],
    ['Mobile phone (optional)', 'phone'],
    ['mailing list', undefined],
    ['email_type', undefined],
    ['q3', undefined],
    ['', undefined],
  ] as const)('%s: %s', ([label, field]) => {
    expect(labelOf(label).field).toBe(field)
  })

  test.for([
    ['utm_source', 'utm_source'],
    ['utmSource', 'utm_source'],
    ['UTM Campaign', 'utm_campaign'],
    ['gcl_id', 'gclid'],
    ['liFatId', 'li_fat_id'],
    ['HTTP Referer', 'referrer'],
    ['landingPageUrl', 'landing_page'],
    ['first_utm_source', undefined],
    ['source', undefined],
  ] as const)('%s is about the visit: %s', ([label, key]) => {
    expect(labelOf(label).tracking).toBe(key)
  })
})

describe('a slug', () => {
  test.for([
    ['Job Title', 'job_title'],
    ['jobTitle', 'job_title'],
    ['formID', 'form_id'],
    ['HTMLText', 'html_text'],
    ['utm_source', 'utm_source'],
    ['Deine Nachricht?', 'deine_nachricht'],
    ['Größe / Straße', 'grosse_strasse'],
    ['Ærø Łódź', 'aero_lodz'],
    ['1.3', 'field_1_3'],
    ['ＦＵＬＬ ｗｉｄｔｈ', 'full_width'],
    ['constructor', 'field_constructor'],
    ['__proto__', 'proto'],
    ['予算 budget', 'budget'],
    ['', undefined],
    ['???', undefined],
    [`a${' b'.repeat(60)}`, `a${'_b'.repeat(31)}`],
  ] as const)('of %s is %s', ([label, slug]) => {
    expect(slugOf(label)).toBe(slug)
  })

  test('takes apart words in capitals, and no more than 160 characters', () => {
    expect(wordsOf('firstName2Go XMLFile ÉtéJour')).toEqual(['first', 'name2', 'go', 'xml', 'file', 'ete', 'jour'])
    expect(wordsOf('a '.repeat(1000))).toHaveLength(80)
  })
})
