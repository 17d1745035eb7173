import type { CodegenConfig } from '@graphql-codegen/cli'

const scalars = { ID: 'string', DateTime: 'string', JSON: 'unknown', URL: 'string' }

/** Types the GraphQL documents of the tests, of the dashboard and of the commands; Node runs the output as it is. */
const config: CodegenConfig = {
  schema: './schema.graphql',
  ignoreNoDocuments: true,
  importExtension: '.ts',
  generates: {
    'src/generated/graphql/': {
      documents: ['test/**/*.graphql', '!test/**/schema.graphql', 'src/web/**/*.graphql'],
      preset: 'client',
      presetConfig: { fragmentMasking: false, skipIndexFile: true },
      config: {
        useTypeImports: true,
        strictScalars: true,
        scalars,
      },
    },
    // A command has its operations in its own file, and of this output it needs the types only.
    'src/generated/cli/': {
      documents: ['src/cli/**/*.ts'],
      preset: 'client',
      presetConfig: { fragmentMasking: false, skipIndexFile: true },
      config: { documentMode: 'string', useTypeImports: true, strictScalars: true, scalars },
    },
  },
}

export default config
