import { runCommand } from './cli/run.ts'
import { serve } from './cli/serve.ts'

await runCommand(serve, process.argv.slice(2))
