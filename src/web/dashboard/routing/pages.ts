import type { LucideIcon } from 'lucide-react'
import {
  Activity,
  Antenna,
  Braces,
  Contact,
  House,
  KeyRound,
  ScrollText,
  Settings,
  ShieldAlert,
  Webhook,
} from 'lucide-react'
import { type ComponentType, type LazyExoticComponent, lazy } from 'react'
import type { Scope } from '../../../generated/graphql/graphql.ts'
import type { PageProps } from './page-props.ts'

/** A page of the navigation. */
export interface Page {
  readonly path: string
  readonly name: string
  readonly icon: LucideIcon
  /** Scope without which there is nothing to show. */
  readonly scope?: Scope
  /** Key that opens it after `g`. */
  readonly key: string
  readonly Content: LazyExoticComponent<ComponentType<PageProps>>
}

/** Pages in the order of the navigation. Each is a file of its own that loads when it is opened. */
export const pages: readonly Page[] = [
  {
    path: '/',
    name: 'Home',
    icon: House,
    key: 'h',
    Content: lazy(async () => ({ default: (await import('../pages/home/home-page.tsx')).HomePage })),
  },
  {
    path: '/leads',
    name: 'Leads',
    icon: Contact,
    scope: 'CONTACTS_READ',
    key: 'l',
    Content: lazy(async () => ({ default: (await import('../pages/leads/leads-page.tsx')).LeadsPage })),
  },
  {
    path: '/sources',
    name: 'Sources',
    icon: Antenna,
    scope: 'SOURCES_READ',
    key: 's',
    Content: lazy(async () => ({ default: (await import('../pages/sources/sources-page.tsx')).SourcesPage })),
  },
  {
    path: '/held',
    name: 'Held',
    icon: ShieldAlert,
    scope: 'CONTACTS_READ',
    key: 'e',
    Content: lazy(async () => ({ default: (await import('../pages/held/held-page.tsx')).HeldPage })),
  },
  {
    path: '/webhooks',
    name: 'Webhooks',
    icon: Webhook,
    scope: 'WEBHOOKS_READ',
    key: 'w',
    Content: lazy(async () => ({ default: (await import('../pages/webhooks/webhooks-page.tsx')).WebhooksPage })),
  },
  {
    path: '/capture',
    name: 'Capture',
    icon: Braces,

    key: 'c',
    Content: lazy(async () => ({ default: (await import('../pages/capture/capture-page.tsx')).CapturePage })),
  },
  {
    path: '/keys',
    name: 'Keys',
    icon: KeyRound,
    scope: 'ADMIN',
    key: 'k',
    Content: lazy(async () => ({ default: (await import('../pages/keys/keys-page.tsx')).KeysPage })),
  },
  {
    path: '/workspace',
    name: 'Workspace',
    icon: Settings,
    scope: 'ADMIN',
    key: 'o',
    Content: lazy(async () => ({ default: (await import('../pages/workspace/workspace-page.tsx')).WorkspacePage })),
  },
  {
    path: '/audit',
    name: 'Audit',
    icon: ScrollText,
    scope: 'ADMIN',
    key: 'a',
    Content: lazy(async () => ({ default: (await import('../pages/audit/audit-page.tsx')).AuditPage })),
  },
  {
    path: '/status',
    name: 'Status',
    icon: Activity,

    key: 't',
    Content: lazy(async () => ({ default: (await import('../pages/status/status-page.tsx')).StatusPage })),
  },
]

/** Returns whether a path is the page's or below it: `/leads/cont_1` is within Leads. */
export function isWithin(path: string, page: string): boolean {
  return page === '/' ? path === '/' : path === page || path.startsWith(`${page}/`)
}
