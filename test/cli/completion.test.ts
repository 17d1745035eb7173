import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { runCli } from '../support/cli.ts'

/** Completes the last of the words as bash does. */
function completeInBash(script: string, ...words: string[]): string[] {
  const line = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _rex; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr } = spawnSync('bash', ['-c', `${script}\n${line}`], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout.split('\n').filter((word) => word !== '')
}

describe('rex completion', () => {
  it('completes commands, subcommands, options and choices in bash', async () => {
    const { code, stdout: script } = await runCli(['completion', 'bash'])
    expect(code).toBe(0)
    expect(completeInBash(script, 'rex', 'con')).toEqual(['contacts'])
    expect(completeInBash(script, 'rex', 'contacts', 'e').sort()).toEqual(['edit', 'erase', 'export'])
    expect(completeInBash(script, 'rex', 'contacts', 'edit', 'jane@example.com', '--st')).toEqual(['--stage'])
    expect(completeInBash(script, 'rex', 'trigger', 'contact.u')).toEqual(['contact.updated'])
    expect(completeInBash(script, 'rex', 'completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']))
  })

  it.each(['zsh', 'fish'])('prints a script for %s that the shell can read, where it is installed', async (shell) => {
    const { code, stdout } = await runCli(['completion', shell])
    expect(code).toBe(0)
    expect(stdout).toContain('contacts')
    expect(stdout).toContain('forward-to')
    const { error, status, stderr } = spawnSync(shell, ['-n'], { input: stdout, encoding: 'utf8' })
    if (error === undefined) expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  it('knows three shells', async () => {
    expect(await runCli(['completion', 'tcsh'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('bash, zsh, fish'),
    })
  })
})
