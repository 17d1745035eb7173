/** Starts GraphiQL, whose script comes before this one, with the settings of the page. */
const settings: object = JSON.parse(document.querySelector('#settings')?.textContent ?? '{}')

const workers: Readonly<Record<string, string>> = {
  editorWorkerService: 'editor.worker.js',
  json: 'json.worker.js',
  graphql: 'graphql.worker.js',
}

Object.assign(window, {
  MonacoEnvironment: {
    globalAPI: false,
    getWorkerUrl: (_module: string, label: string) => `/graphiql/${workers[label] ?? workers['editorWorkerService']}`,
  },
})
window.YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#root'), settings)

declare global {
  interface Window {
    readonly YogaGraphiQL: { renderYogaGraphiQL(root: Element | null, settings: object): void }
  }
}

export {}
