import type { CodegenConfig } from '@graphql-codegen/cli'

/** Types the GraphQL documents of the tests and of the dashboard; Node runs the output as it is. */
const config: CodegenConfig = {
  schema: './schema.graphql',
  documents: ['test/**/*.graphql', '!test/**/schema.graphql', 'src/web/**/*.graphql'],
  ignoreNoDocuments: true,
  importExtension: '.ts',
  generates: {
    'src/generated/graphql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false, skipIndexFile: true },
      config: {
        useTypeImports: true,
        strictScalars: true,
        scalars: { ID: 'string', DateTime: 'string', JSON: 'unknown', URL: 'string' },
      },
    },
  },
}

export default config
