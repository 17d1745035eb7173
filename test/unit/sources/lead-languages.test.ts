import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../src/sources/payload.ts'
import { readGeneric } from './fixtures.ts'

describe('a lead in the words of its language', () => {
  test.for<[string, JsonObject, { email: string; firstName?: string; lastName?: string; metadata?: object }]>([
    [
      'German',
      {
        Vorname: 'Jana',
        Nachname: 'Müller',
        'E-Mail-Adresse *': 'jana@example.de',
        Telefonnummer: '+49 170 1234567',
        Firma: 'Acme GmbH',
        'Deine Nachricht?': 'Hallo',
        Größe: 'M',
      },
      {
        email: 'jana@example.de',
        firstName: 'Jana',
        lastName: 'Müller',
        metadata: {
          phone: '+49 170 1234567',
          phone_e164: '+491701234567',
          company: 'Acme GmbH',
          deine_nachricht: 'Hallo',
          grosse: 'M',
        },
      },
    ],
    [
      'German, family name first',
      { Name: 'Müller', Vorname: 'Jana', 'E-Mail': 'jana@example.de' },
      { email: 'jana@example.de', firstName: 'Jana', lastName: 'Müller', metadata: {} },
    ],
    [
      'German questions',
      { 'Wie lautet Ihre E-Mail-Adresse?': 'jana@example.de', 'Ihr Name': 'Jana Müller' },
      { email: 'jana@example.de', firstName: 'Jana', lastName: 'Müller', metadata: {} },
    ],
    [
      'Spanish',
      {
        nombre: 'Juana',
        apellidos: 'Díaz Pérez',
        'correo electrónico': 'juana@example.es',
        teléfono: '+34 612 345 678',
        empresa: 'Acme SL',
      },
      {
        email: 'juana@example.es',
        firstName: 'Juana',
        lastName: 'Díaz Pérez',
        metadata: { phone: '+34 612 345 678', phone_e164: '+34612345678', company: 'Acme SL' },
      },
    ],
    [
      'French',
      { Prénom: 'Jeanne', Nom: 'Dupont', 'Adresse e-mail': 'jeanne@example.fr', Société: 'Acme SARL' },
      { email: 'jeanne@example.fr', firstName: 'Jeanne', lastName: 'Dupont', metadata: { company: 'Acme SARL' } },
    ],
    [
      'French, one name',
      { 'Votre nom': 'Jeanne Dupont', 'Votre courriel (obligatoire)': 'jeanne@example.fr' },
      { email: 'jeanne@example.fr', firstName: 'Jeanne', lastName: 'Dupont' },
    ],
    [
      'Italian',
      { Nome: 'Giulia', Cognome: 'Rossi', 'Indirizzo e-mail': 'giulia@example.it' },
      { email: 'giulia@example.it', firstName: 'Giulia', lastName: 'Rossi' },
    ],
    [
      'Portuguese',
      { nome: 'João Silva', 'e-mail': 'joao@example.br', telefone: '11 91234-5678' },
      { email: 'joao@example.br', firstName: 'João', lastName: 'Silva', metadata: { phone: '11 91234-5678' } },
    ],
    [
      'Dutch',
      { Voornaam: 'Jan', Achternaam: 'de Vries', 'E-mailadres': 'jan@example.nl' },
      { email: 'jan@example.nl', firstName: 'Jan', lastName: 'de Vries' },
    ],
    [
      'Polish',
      { 'Imię i nazwisko': 'Jan Kowalski', 'Adres e-mail': 'jan@example.pl' },
      { email: 'jan@example.pl', firstName: 'Jan', lastName: 'Kowalski' },
    ],
    [
      'Russian',
      { Имя: 'Иван', Фамилия: 'Петров', 'Электронная почта': 'ivan@example.ru', Сообщение: 'Привет' },
      { email: 'ivan@example.ru', firstName: 'Иван', lastName: 'Петров', metadata: { message: 'Привет' } },
    ],
    [
      'Japanese',
      {
        姓: '山田',
        名: '太郎',
        'メールアドレス（必須）': 'taro@example.jp',
        担当者メール: 'staff@example.jp',
        会社名: '株式会社アクメ',
      },
      { email: 'taro@example.jp', firstName: '太郎', lastName: '山田' },
    ],
    [
      'Chinese',
      { 姓名: '王小明', 邮箱: 'wang@example.cn', 手机号: '+8613812345678' },
      {
        email: 'wang@example.cn',
        firstName: '王小明',
        metadata: { phone: '+8613812345678', phone_e164: '+8613812345678' },
      },
    ],
    ['Korean', { 이름: '김철수', 이메일: 'kim@example.kr' }, { email: 'kim@example.kr', firstName: '김철수' }],
    [
      'Arabic',
      { 'الاسم الكامل': 'سارة أحمد', 'البريد الإلكتروني': 'sara@example.ae' },
      { email: 'sara@example.ae', firstName: 'سارة', lastName: 'أحمد' },
    ],
  ])('%s', ([, body, { email, metadata, ...name }]) => {
    const reading = readGeneric(body)
    expect(reading).toMatchObject({ status: 'accepted', reasons: [], email, fields: name })
    expect(reading.fields.lastName).toBe(name.lastName)
    if (metadata !== undefined) expect(reading.fields.metadata).toEqual(metadata)
  })

  test.for([
    ...['Netfang', 'El. paštas', 'E-pasts', 'E-pasta adrese', 'Adreça electrònica', 'Correu electrònic', 'E-pos'],
    ...['Posta elektronikoa', 'Enderezo electrónico', 'Barua pepe', 'Ríomhphost', 'Ebost', 'Имэйл', 'ელფოსტა', 'ایمیل'],
    ...['דוא"ל', 'אי-מייל', 'อีเมล', 'ইমেইল', 'மின்னஞ்சல்'],
  ])('is found under %j', (label) => {
    expect(readGeneric({ [label]: 'ann@example.com', n: label })).toMatchObject({
      status: 'accepted',
      email: 'ann@example.com',
    })
  })
})
