/** Routes that machines ask for every few seconds: they would bury the lines and traces that people look for. */
export const quietRoutes: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics'])
