import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { signatureHeaders } from '../../src/delivery/attempt/signature.ts'
import { type VerifyingCode, verifyingCode } from '../../src/web/dashboard/pages/webhooks/verify/verifying-code.ts'

type Language = VerifyingCode['language']

/** A program that verifies standard input with the code, by its two arguments: the header and the secret. */
interface Program {
  readonly file: string
  readonly command: readonly [string, ...string[]]
  readonly probe: readonly [string, ...string[]]
  readonly write: (code: string) => string
}

const programs: Readonly<Record<Language, Program>> = {
  Node: {
    file: 'verify.mjs',
    command: [process.execPath],
    probe: [process.execPath, '--version'],
    write: (code) =>
      `import { readFileSync } from 'node:fs'\n${code}\nconsole.log(isFromRex(readFileSync(0), process.argv[2], process.argv[3]))\n`,
  },
  Python: {
    file: 'verify.py',
    command: ['python3'],
    probe: ['python3', '--version'],
    write: (code) =>
      `import sys\n${code}\nprint(str(is_from_rex(sys.stdin.buffer.read(), sys.argv[1], sys.argv[2])).lower())\n`,
  },
  PHP: {
    file: 'verify.php',
    command: ['php'],
    probe: ['php', '--version'],
    write: (code) =>
      `${code}\necho isFromRex(file_get_contents('php://stdin'), $argv[1], $argv[2]) ? 'true' : 'false';\n`,
  },
  Ruby: {
    file: 'verify.rb',
    command: ['ruby'],
    probe: ['ruby', '--version'],
    write: (code) => `${code}\nputs from_rex?($stdin.binmode.read, ARGV[0], ARGV[1])\n`,
  },
  Go: {
    file: 'verify.go',
    command: ['go', 'run'],
    probe: ['go', 'version'],
    write: (code) =>
      `${code.replace('import (', 'import (\n\t"fmt"\n\t"io"\n\t"os"')}\nfunc main() {\n\tbody, _ := io.ReadAll(os.Stdin)\n\tfmt.Println(IsFromRex(body, os.Args[1], os.Args[2]))\n}\n`,
  },
}

const body = '{"id":"evt_1","event":"contact.created","data":{"first_name":"Zoë"}}'
const [secret, other] = ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD']

function isInstalled([command, ...args]: Program['probe']): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

for (const { language, code } of verifyingCode)
  it.skipIf(!isInstalled(programs[language].probe))(
    `the ${language} code accepts what Rex signs with either secret, and nothing old or changed`,
    (context) => {
      const folder = mkdtempSync(join(tmpdir(), 'rex-verifying-'))
      context.onTestFinished(() => rmSync(folder, { recursive: true }))
      const { file, command, write } = programs[language]
      writeFileSync(join(folder, file), write(code))
      const [run, ...args] = command
      const verify = (text: string, header: string, key = secret) =>
        execFileSync(run, [...args, join(folder, file), header, key], { input: text, encoding: 'utf8' }).trim()
      const headerAt = (timestamp: number) =>
        signatureHeaders({ eventId: 'evt_1', timestamp, body, secrets: { accepted: other, other: secret } })[
          'x-rex-signature'
        ]!
      const now = Math.floor(Date.now() / 1000)
      expect(verify(body, headerAt(now))).toBe('true')
      expect(verify(body, headerAt(now), other)).toBe('true')
      expect(verify(`${body} `, headerAt(now))).toBe('false')
      expect(verify(body, headerAt(now), `${secret}x`)).toBe('false')
      expect(verify(body, headerAt(now - 600))).toBe('false')
      expect(verify(body, headerAt(now + 600))).toBe('false')
      expect(verify(body, 'nonsense')).toBe('false')
    },
  )
