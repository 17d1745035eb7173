import { describe, expect, it } from 'vitest'
import { AppError } from '../../src/platform/errors.ts'
import { createIdentify, labelOfHost } from '../../src/workspaces/identify.ts'
import type { Viewer } from '../../src/workspaces/viewer.ts'
import type { Workspace } from '../../src/workspaces/workspace.ts'

describe('the workspace that a host names', () => {
  it.each([
    ['acme.rexgtm.com', 'acme'],
    ['ACME.RexGTM.com', 'acme'],
    ['acme.rexgtm.com:8443', 'acme'],
    ['acme.rexgtm.com.', 'acme'],
    ['acme.rexgtm.com.:8443', 'acme'],
    ['acme.localhost', 'acme'],
    ['acme.localhost:4000', 'acme'],
    ['a.b.rexgtm.com', 'a.b'],
  ])('is, for %s, %s', (host, label) => {
    expect(labelOfHost(host, 'rexgtm.com')).toBe(label)
  })

  it.each([
    'rexgtm.com',
    'localhost',
    'localhost:4000',
    'LOCALHOST.',
    'acme.example.com',
    'acmerexgtm.com',
    'rexgtm.com.example.com',
    'notlocalhost',
    '127.0.0.1',
    '127.0.0.1:4000',
    '[::1]',
    '[::1]:4000',
    '',
  ])('is none for %j', (host) => {
    expect(labelOfHost(host, 'rexgtm.com')).toBeUndefined()
  })

  it('is none under a domain when there is no base domain', () => {
    expect(labelOfHost('acme.rexgtm.com', undefined)).toBeUndefined()
    expect(labelOfHost('acme.localhost', undefined)).toBe('acme')
  })
})

function workspaceOf(slug: string): Workspace {
  const lists = { allowedOrigins: [], redirectOrigins: [], stages: [] }
  return {
    id: `ws_${slug}`,
    slug,
    name: slug,
    mergePolicy: 'OVERWRITE',
    proofOfWork: false,
    privateReceipts: false,
    defaultCountry: undefined,
    isDisabled: false,
    ...lists,
  }
}

const network = '203.0.113.7'

/** Three workspaces in memory, and for each a key of its own name. */
function identifyWith(defaultWorkspace = 'default') {
  const all = ['default', 'acme', 'other'].map(workspaceOf)
  const asked: string[] = []
  const identify = createIdentify({
    defaultWorkspace,
    baseDomain: 'rexgtm.com',
    workspaces: {
      bySlug: async (slug) => {
        asked.push(slug)
        return all.find((workspace) => workspace.slug === slug)
      },
      byId: async (id) => all.find((workspace) => workspace.id === id),
      forget: () => {},
    },
    keyFailures: { watch: (_attempt, authenticate) => authenticate() },
    viewers: {
      authenticate: async (key) => {
        const workspace = all.find(({ slug }) => key === `key-of-${slug}`)
        if (workspace === undefined) throw new AppError('unauthenticated', 'no')
        return { workspaceId: workspace.id, apiKeyId: key, scopes: new Set(), expiresAt: null } satisfies Viewer
      },
    },
  })
  return { asked, identify }
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  )

describe('the workspace of a request', () => {
  it.each([
    ['localhost:4000', undefined, 'default'],
    ['acme.localhost:4000', undefined, 'acme'],
    ['localhost:4000', 'key-of-acme', 'acme'],
    ['acme.rexgtm.com', 'key-of-acme', 'acme'],
    ['127.0.0.1', 'key-of-other', 'other'],
  ])('is, for the host %s and the key %s, %s', async (host, apiKey, slug) => {
    const { workspace, viewer } = await identifyWith().identify({ host, apiKey, network })
    expect(workspace.slug).toBe(slug)
    expect(viewer?.apiKeyId).toBe(apiKey)
  })

  it.each([
    ['acme.localhost', 'key-of-other', 'wrong_workspace'],
    ['default.localhost', 'key-of-acme', 'wrong_workspace'],
    ['nobody.localhost', undefined, 'workspace_not_found'],
    ['nobody.localhost', 'key-of-acme', 'workspace_not_found'],
    ['localhost', 'nonsense', 'unauthenticated'],
    ['acme.localhost', 'nonsense', 'unauthenticated'],
  ])('is refused for the host %s and the key %s: %s', async (host, apiKey, code) => {
    expect(await codeOf(identifyWith().identify({ host, apiKey, network }))).toBe(code)
  })

  it('is none on a bare host without a default workspace, but for a key', async () => {
    const { identify } = identifyWith('')
    expect(await codeOf(identify({ host: 'localhost', apiKey: undefined, network }))).toBe('workspace_not_found')
    expect((await identify({ host: 'localhost', apiKey: 'key-of-acme', network })).workspace.slug).toBe('acme')
  })

  it.each(['a_b.localhost', 'a.b.localhost', `${'x'.repeat(64)}.localhost`, '.localhost', "a'b.localhost"])(
    'is not looked up when the name can be nobody’s: %s',
    async (host) => {
      const { identify, asked } = identifyWith()
      expect(await codeOf(identify({ host, apiKey: undefined, network }))).toBe('workspace_not_found')
      expect(asked).toEqual([])
    },
  )
})
