import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { processContext } from '../../src/cli/frame/command-context.ts'
import { commandGroups } from '../../src/cli/frame/command-list.ts'
import { exitCodeMeanings } from '../../src/cli/frame/exit-codes.ts'
import { createProgram } from '../../src/cli/frame/program.ts'
import { runCli } from '../support/cli.ts'

const program = await createProgram(processContext())
const paths = pathsOf(program, [])

describe('rex --help', () => {
  it('lists all commands, and is what rex prints alone', async () => {
    const { code, stdout } = await runCli(['--help'])
    expect(code).toBe(0)
    expect((await runCli(['help'])).stdout).toBe(stdout)
    for (const name of commandGroups.flatMap(({ commands }) => Object.keys(commands)))
      expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'))
    expect(await runCli([])).toEqual({ code: 0, stdout, stderr: '' })
  })

  it('says what each exit code means', async () => {
    const { stdout } = await runCli(['--help'])
    for (const [code, meaning] of exitCodeMeanings) expect(stdout).toContain(`  ${code}  ${meaning}`)
  })
})

describe('each command', () => {
  it.each(paths)('has a help with a description and an example: rex %s', async (path) => {
    const { code, stdout, stderr } = await runCli([...path.split(' '), '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`Usage: rex ${path} `)
    const [, example = ''] = /^Examples:\n( {2}\$ .*)$/m.exec(stdout) ?? []
    expect(example).toMatch(new RegExp(`\\brex ${path}\\b|\\brex ${path.split(' ')[0]} `))
  })

  it.each(paths.filter((path) => !/^(?:serve|completion)$/.test(path)))('has --json and --quiet: rex %s', (path) => {
    const options = commandAt(path).options.map(({ long }) => long)
    if (commandAt(path).commands.length === 0) expect(options).toEqual(expect.arrayContaining(['--json', '--quiet']))
  })

  it('is found by its name alone, without the modules of the others', async () => {
    for (const name of ['contacts', 'listen', 'migrate']) {
      const alone = await createProgram(processContext(), name)
      expect(alone.commands.map((command) => command.name())).toEqual([name])
    }
  })
})

describe('wrong usage', () => {
  it.each([
    [['contcts'], "unknown command 'contcts'\n(Did you mean contacts?)"],
    [['export'], "unknown command 'export'\n(Did you mean contacts export?)\nSee --help"],
    [['rotate'], '(Did you mean one of sources rotate, webhooks rotate?)'],
    [['contacts', 'lst'], "unknown command 'lst'\n(Did you mean list?)"],
    [['contacts', 'list', '--limt', '3'], "unknown option '--limt'\n(Did you mean --limit?)"],
    [['contacts', 'list', '--limit', 'many'], 'A whole number from 1 to 1000000 is expected.'],
    [['contacts', 'list', '--since', 'yesterday'], 'A duration such as 30m, 2h or 7d, or a date'],
    [['contacts', 'get'], "missing required argument 'contact'"],
    [['capture'], "required option '--email <email>' not specified"],
    [['capture', '--email', 'a@example.com', '--metadata', 'plan'], 'key=value is expected.'],
    [['deliveries', 'list', '--status', 'lost'], 'One of pending, retrying, succeeded'],
    [['keys', 'create', '--name', 'a', '--scopes', 'ALL'], 'One of ADMIN, CAPTURE'],
    [['trigger', 'contact.deleted'], 'Allowed choices are contact.created, contact.updated, contact.erased.'],
    [['contacts'], 'Usage: rex contacts'],
  ])('is told on standard error, and ends with 2: rex %j', async (parameters, told) => {
    const { code, stdout, stderr } = await runCli(parameters)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(told)
  })
})

function pathsOf(command: Command, path: readonly string[]): string[] {
  return command.commands.flatMap((each) => {
    const own = [...path, each.name()]
    return [own.join(' '), ...pathsOf(each, own)]
  })
}

function commandAt(path: string): Command {
  return path.split(' ').reduce((command, name) => command.commands.find((each) => each.name() === name)!, program)
}
