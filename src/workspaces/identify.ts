import { isIP } from 'node:net'
import { AppError } from '../platform/errors.ts'
import type { KeyFailures } from './key-failures.ts'
import type { Callers } from './sessions/callers.ts'
import type { Viewer } from './viewer.ts'
import { slugPattern, type Workspace, type Workspaces } from './workspace.ts'

/** Workspace and key of a request. */
export interface Identity {
  readonly workspace: Workspace
  /** Undefined for a caller without a key. */
  readonly viewer: Viewer | undefined
}

/**
 * Returns the workspace of a request: that of its key, else of its host, else the default one.
 * @throws AppError `workspace_not_found`, `unauthenticated` for a wrong key, `rate_limited` after too many of them,
 * `wrong_workspace`, `workspace_disabled`
 */
export type Identify = (request: {
  readonly host: string
  readonly apiKey: string | undefined
  /** Token of a session; it counts only without a key. */
  readonly sessionToken?: string | undefined
  /** Network of the client, as `networkOf` returns it. */
  readonly network: string
}) => Promise<Identity>

export function createIdentify(parts: {
  readonly workspaces: Workspaces
  readonly viewers: Pick<Callers, 'authenticate' | 'authenticateSession'>
  readonly keyFailures: KeyFailures
  readonly defaultWorkspace: string
  readonly baseDomain: string | undefined
}): Identify {
  const { workspaces, viewers, keyFailures, defaultWorkspace, baseDomain } = parts
  const viewerOf = (apiKey: string | undefined, sessionToken: string | undefined, network: string) => {
    if (apiKey !== undefined) return keyFailures.watch({ key: apiKey, network }, () => viewers.authenticate(apiKey))
    if (sessionToken === undefined) return undefined
    return keyFailures.watch({ key: sessionToken, network }, () => viewers.authenticateSession(sessionToken))
  }
  return async ({ host, apiKey, sessionToken, network }) => {
    const label = labelOfHost(host, baseDomain)
    const named = label === undefined ? undefined : found(await findBySlug(workspaces, label))
    const viewer = await viewerOf(apiKey, sessionToken, network)
    if (viewer === undefined) {
      const workspace = named ?? found(await findBySlug(workspaces, defaultWorkspace))
      return { workspace: enabled(workspace), viewer: undefined }
    }
    const workspace = named ?? found(await workspaces.byId(viewer.workspaceId))
    if (workspace.id !== viewer.workspaceId)
      throw new AppError('wrong_workspace', 'This key belongs to another workspace than the host.')
    return { workspace: enabled(workspace), viewer }
  }
}

/** @throws AppError `workspace_not_found` */
function found(workspace: Workspace | undefined): Workspace {
  if (workspace === undefined) throw new AppError('workspace_not_found', 'There is no such workspace.')
  return workspace
}

/** @throws AppError `workspace_disabled` */
function enabled(workspace: Workspace): Workspace {
  if (workspace.isDisabled) throw new AppError('workspace_disabled', 'This workspace is disabled.')
  return workspace
}

async function findBySlug(workspaces: Workspaces, slug: string): Promise<Workspace | undefined> {
  return slugPattern.test(slug) ? workspaces.bySlug(slug) : undefined
}

/**
 * Returns the workspace label of a host name: the part under the base domain or under localhost; undefined for a bare
 * host. Ignores case, port and one trailing dot.
 */
export function labelOfHost(host: string, baseDomain: string | undefined): string | undefined {
  const name = host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
  if (isIP(name.replace(/^\[|\]$/g, '')) !== 0) return undefined
  const suffix = ['localhost', baseDomain].find((domain) => domain !== undefined && name.endsWith(`.${domain}`))
  return suffix === undefined ? undefined : name.slice(0, -suffix.length - 1)
}
