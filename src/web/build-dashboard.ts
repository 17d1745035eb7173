import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('dashboard/', import.meta.url))
const output = fileURLToPath(new URL('../generated/dashboard/', import.meta.url))

/** Writes the dashboard for browsers: one entry, a file per page, hashed names and a manifest. */
async function buildDashboard(): Promise<void> {
  await build({
    root,
    configFile: false,
    base: '/dashboard/',
    logLevel: 'error',
    publicDir: false,
    build: {
      outDir: output,
      emptyOutDir: true,
      assetsDir: '',
      // Inlined assets would be `data:` addresses, which the policy refuses.
      assetsInlineLimit: 0,
      manifest: 'manifest.json',
      modulePreload: { polyfill: false },
      target: 'es2022',
      // From these on browsers know light-dark() and nested rules.
      cssTarget: ['chrome123', 'firefox128', 'safari17.5'],
      rolldownOptions: { input: `${root}main.tsx` },
    },
  })
}

await buildDashboard()
