import type { ListedWorkspacesQuery } from '../../../generated/cli/graphql.ts'
import type { Api } from '../../api/api.ts'
import { graphql } from '../../api/document.ts'
import { pagesOf } from '../../api/pages.ts'
import { CliError } from '../../frame/cli-error.ts'
import { exitCodes } from '../../frame/exit-codes.ts'

const ListedWorkspaces = graphql(`
  query ListedWorkspaces($first: Int!, $after: String) {
    workspaces(first: $first, after: $after) {
      nodes {
        id
        slug
        name
        createdAt
        disabledAt
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

export type ListedWorkspace = ListedWorkspacesQuery['workspaces']['nodes'][number]

/** Yields the workspaces of the installation, newest first, in pages. */
export function workspacePages(api: Api, limit?: number): AsyncGenerator<readonly ListedWorkspace[]> {
  return pagesOf(async (range) => (await api.execute(ListedWorkspaces, range)).workspaces, limit)
}

/** Finds a workspace by its id or slug. @throws CliError */
export async function findWorkspace(api: Api, text: string): Promise<ListedWorkspace> {
  for await (const page of workspacePages(api)) {
    const found = page.find(({ id, slug }) => id === text || slug === text)
    if (found) return found
  }
  throw new CliError(`There is no workspace ${text}.`, {
    exitCode: exitCodes.notFound,
    hint: '`rex workspaces list` lists all.',
  })
}
