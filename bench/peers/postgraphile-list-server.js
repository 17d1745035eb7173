import { createServer } from 'node:http'
import { postgraphile } from 'postgraphile'
import { makePgService } from 'postgraphile/adaptors/pg'
import { grafserv } from 'postgraphile/grafserv/node'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'
import { pgSmartTags } from 'postgraphile/utils'

/** PostGraphile 5 from its guide on the same tables. They have no foreign key, so a smart tag names the relation. */
const relation = '(workspace_id, contact_id) references contact (workspace_id, id)'
const preset = {
  extends: [PostGraphileAmberPreset],
  plugins: [
    pgSmartTags([
      { kind: 'class', match: 'submission', tags: { foreignKey: `${relation}|@foreignFieldName submissions` } },
    ]),
  ],
  pgServices: [makePgService({ connectionString: process.env.DATABASE_URL ?? '', schemas: ['public'] })],
  grafserv: { graphiql: false, websockets: false },
}

const service = postgraphile(preset).createServ(grafserv)
const server = createServer()
await service.addTo(server)
server.listen(0, '127.0.0.1', () => console.log(`Listens on http://127.0.0.1:${server.address().port}`))
process.once('SIGTERM', () => process.exit(0))
