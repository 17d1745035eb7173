import { wordsOf } from '../../platform/text/words.ts'
import type { AnswerField } from '../kinds/kind.ts'
import { joinWords, spellingsOf } from './labels.ts'

/** Field of the lead that an alias names. */
export type PersonField = Exclude<AnswerField, 'metadata'>

/** Names that people and tools give to the fields, in the languages of their forms; spaces are for the reader. */
const aliases: Readonly<Record<PersonField, string>> = {
  email: `
    email, e mail, email address, mail, mail address, your email, your mail, user email, work email, business email,
    contact email, email id, professional email, emails, email addresses,
    e mail adresse, mailadresse, email adresse, elektronische post
    courriel, adresse mail, adresse courriel, adresse e mail, adresse electronique, mail professionnel,
    correo, correo electronico, direccion de correo, direccion de correo electronico, correo e,
    endereco de email, endereco de e mail, endereco eletronico, indirizzo email, indirizzo e mail, indirizzo mail,
    posta elettronica, e mailadres, emailadres, epost, e post, epostadress, e postadress, epostadresse, e postadresse,
    sahkoposti, sahkopostiosoite, adres email, adres e mail, e posta, eposta, e posta adresi, e mailova adresa,
    メール, メールアドレス, eメール, e メール, eメールアドレス, 電子メール, 电子邮件, 电子邮箱, 邮箱, 邮箱地址, 邮件, 邮件地址,
    電子郵件, 電郵, 信箱, 이메일, 이메일 주소, 메일, электронная почта, почта, адрес электронной почты, имейл, емейл,
    эл почта, електронна пошта, البريد الإلكتروني, البريد الالكتروني, بريد إلكتروني, אימייל, דואר אלקטרוני, ईमेल, ईमेल पता,
    netfang, el pastas, e pasts, epasts, e pasta adrese, adreca electronica, correu electronic, posta elektronikoa,
    helbide elektronikoa, enderezo electronico, e pos, barua pepe, ríomhphost, ebost, э пошта, имэйл, ელფოსტა,
    ایمیل, پست الکترونیک, رایانامه, דוא ל, אי מייל, อีเมล, อีเมล์, ที่อยู่อีเมล, ইমেইল, மின்னஞ்சல்`,
  first_name: `
    first name, fname, first, given name, your first name, forename, first names, name first, contact name first,
    vorname, prenom, nombre, nombres, primer nombre, primeiro nome, voornaam, fornavn, fornamn, etunimi, imie, jmeno,
    имя, ім'я, 名, الاسم الأول, שם פרטי, पहला नाम`,
  last_name: `
    last name, lname, last, surname, family name, your last name, name last, contact name last,
    nachname, familienname, zuname, nom de famille, apellido, apellidos, primer apellido, apellido paterno, cognome,
    sobrenome, ultimo nome, apelido, achternaam, efternavn, etternavn, efternamn, sukunimi, nazwisko, prijmeni, soyad,
    soyadi, фамилия, прізвище, 姓, 姓氏, 苗字, 성, اسم العائلة, שם משפחה`,
  full_name: `
    name, full name, your name, contact name, display name, first and last name, first last name, complete name,
    customer name, lead name, client name, person name, names,
    vollstandiger name, vor und nachname, vor und zuname, vorname nachname, vorname und nachname, ansprechpartner name,
    nom, nom complet, nom et prenom, prenom et nom, nom prenom, prenom nom, nombre completo, nombre y apellido,
    nombre y apellidos, nome, nome completo, nome e cognome, naam, volledige naam, navn, fulde navn, namn, nimi,
    imie i nazwisko, jmeno a prijmeni, ad soyad, adi soyadi, фио, полное имя, имя и фамилия,
    氏名, お名前, 名前, ご氏名, お名前 氏名, 姓名, 名字, 이름, 성명, 성함, الاسم, الاسم الكامل, שם, שם מלא, नाम, पूरा नाम`,
  phone: `
    phone, phones, phone number, phone numbers, tel, telephone, mobile, mobile phone, cell, whatsapp, user phone, phone full, phone no,
    telephone number, mobile number, mobile no, cell phone, cell number, contact number, contact phone, work phone,
    business phone, home phone, daytime phone, whatsapp number, phone mobile, mobile phone number, phone number full,
    telefon, telefonnummer, telefon nr, rufnummer, handy, handynummer, mobil, mobilnummer, mobiltelefon, mobilfunknummer,
    telefono, telefono movil, movil, celular, numero de telefono, telefono celular, numero de telephone, tel portable,
    portable, telephone portable, telefone, telemovel, numero de telefone, cellulare, numero di telefono,
    telefoonnummer, telefoon, mobiel, mobiele nummer, telefonnumer, numer telefonu, puhelin, puhelinnumero, telefon cislo,
    cep telefonu, телефон, номер телефона, мобильный телефон, 電話, 電話番号, お電話番号, 携帯, 携帯電話, 携帯番号,
    电话, 电话号码, 手机, 手机号, 手机号码, 전화번호, 전화, 휴대폰, 휴대폰 번호, 연락처, رقم الهاتف, الهاتف, טלפון, फ़ोन, फोन`,
  company: `
    company, company name, organization, organisation, business, business name, employer, your company, organization name,
    organisation name, name of company, company organization, company or organization, current company,
    firma, firmenname, unternehmen, name des unternehmens, empresa, nombre de la empresa, nombre de empresa, compania,
    organizacion, entreprise, societe, nom de l entreprise, nom de la societe, raison sociale, azienda, nome azienda,
    societa, nome da empresa, bedrijf, bedrijfsnaam, virksomhed, foretag, foretagsnamn, yritys, nazwa firmy, sirket,
    компания, организация, 会社名, 会社, 御社名, 貴社名, 企業名, 公司, 公司名称, 企业名称, 회사, 회사명, الشركة, חברה, कंपनी`,
}

const fieldOfAlias = new Map<string, PersonField>(
  (Object.keys(aliases) as PersonField[]).flatMap((field) =>
    aliases[field].split(/[,\n]/).flatMap((alias) => {
      const spelling = joinWords(wordsOf(alias))
      return spelling === '' ? [] : [[spelling, field] as const]
    }),
  ),
)

/** Names in languages whose forms ask for the family name with the word for name: `Name` beside `Vorname`. */
const familyNames = new Set(['name', 'nom', 'nome', 'naam', 'navn', 'namn'])
const foreignFirstNames = new Set(['vorname', 'prenom', 'voornaam', 'fornavn', 'fornamn'])

/** Parts of words for an e-mail in longer labels, without accents. */
const emailRoots = [
  ...['email', 'courriel', 'correoelectronico', 'mailadress', 'adressemail', 'eposta', 'epost', 'sahkoposti', 'emejl'],
  ...['メール', '邮箱', '邮件', '郵件', '電郵', '이메일', 'почт', 'имейл', 'البريد', 'אימייל', 'ईमेल'].map((root) =>
    joinWords(wordsOf(root)),
  ),
]

/** Returns the field that a label names; undefined for any other label. */
export function fieldOfWords(text: string, words: readonly string[]): PersonField | undefined {
  for (const spelling of spellingsOf(text, words)) {
    const field = fieldOfAlias.get(spelling)
    if (field !== undefined) return field
  }
  return undefined
}

/** Returns whether a label speaks of an e-mail, as in `Where may we send the guide? (e-mail)`. */
export function mentionsEmail(words: readonly string[]): boolean {
  const joined = words.join('')
  return words.includes('mail') || words.includes('correo') || emailRoots.some((root) => joined.includes(root))
}

/** Returns whether a form with this label for the first name means the family name by the other label. */
export function meansFamilyName(firstLabel: readonly string[], nameLabel: readonly string[]): boolean {
  return foreignFirstNames.has(coreOf(firstLabel)) && familyNames.has(coreOf(nameLabel))
}

function coreOf(words: readonly string[]): string {
  return [...spellingsOf('', words)].at(-1) ?? ''
}
