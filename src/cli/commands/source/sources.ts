import type { Command } from 'commander'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { addCreateSource } from './create-source.ts'
import { addDeleteSource } from './delete-source.ts'
import { addListSources } from './list-sources.ts'
import { addPreviewSource } from './preview-source.ts'
import { addRotateSource } from './rotate-source.ts'
import { addUpdateSource } from './update-source.ts'

/** `rex sources`: the URLs to which other tools post their leads. */
export function addSources(program: Command, context: CommandContext): void {
  const sources = program
    .command('sources')
    .description('list, create, update, rotate, delete and preview sources')
    .addHelpText('after', examples('rex sources create --name "Pricing page" --kind typeform', 'rex sources list'))
  const additions = [
    addListSources,
    addCreateSource,
    addUpdateSource,
    addRotateSource,
    addDeleteSource,
    addPreviewSource,
  ]
  for (const add of additions) add(sources, context)
}
