import type { FastifyInstance } from 'fastify'
import { AppError } from '../platform/errors.ts'
import { pathOf } from '../server/request/host.ts'
import { notFound } from '../server/response/problems.ts'

/** Methods that the known paths take. */
export interface KnownPaths {
  /** Returns the methods of a path; undefined for an unknown path. */
  methodsOf(path: string): readonly string[] | undefined
  /** Returns whether a route has this very path, without parameters. */
  isFixed(path: string): boolean
}

/** Remembers every route that is added from now on, so that a wrong method can be told from a wrong path. */
export function trackPaths(app: FastifyInstance): KnownPaths {
  const known = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    const { pattern, methods } = known.get(url) ?? { pattern: patternOf(url), methods: new Set() }
    for (const each of [method].flat()) methods.add(each)
    known.set(url, { pattern, methods })
  })
  const isFixed = (path: string) => known.has(path) && !path.includes(':')
  return {
    isFixed,
    methodsOf: (path) => {
      const found = isFixed(path) ? known.get(path) : [...known.values()].find(({ pattern }) => pattern.test(path))
      return found && [...found.methods].sort()
    },
  }
}

/** Refuses unknown paths and wrong methods before anything of the body is read. */
export function refuseUnknownRoutes(app: FastifyInstance, { methodsOf, isFixed }: KnownPaths): void {
  app.addHook('onRequest', (request, reply, done) => {
    const path = pathOf(request.url)
    // The router lets `/capture/:token` take the methods that `/capture/` and `/capture/challenge` do not have.
    const isElsewhere = isFixed(path) && request.routeOptions.url !== path
    if (!request.is404 && !isElsewhere) return done()
    const methods = methodsOf(path)
    // A route that takes the method has refused the path: a parameter is longer than any id.
    if (methods === undefined || methods.includes(request.method)) return done(notFound())
    const allow = methods.join(', ')
    reply.header('allow', allow)
    done(new AppError('method_not_allowed', `This address takes ${allow}.`))
  })
}

/** `/webhooks/:id` as a regular expression; the routes hold no other special characters but dots. */
function patternOf(url: string): RegExp {
  return new RegExp(`^${url.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}$`)
}
