import { useState } from 'react'
import { Choice } from '../../parts/controls/choice.tsx'
import { Card } from '../../parts/surface/card.tsx'
import { PageHeader } from '../../parts/surface/page-header.tsx'
import { CodeBlock } from '../../parts/values/code-block.tsx'
import { Playground } from './playground.tsx'
import { curlOf, formOf, reactOf } from './recipes.ts'
import { SnippetRecipe } from './snippet-recipe.tsx'
import './capture-page.css'

type Way = 'curl' | 'form' | 'snippet' | 'react'

const ways: readonly { readonly value: Way; readonly name: string }[] = [
  { value: 'curl', name: 'curl' },
  { value: 'form', name: 'Form' },
  { value: 'snippet', name: 'Script' },
  { value: 'react', name: 'React' },
]

/** Code that sends leads to this server, ready to copy, and a place to try it. */
export function CapturePage() {
  const [way, setWay] = useState<Way>('curl')
  return (
    <>
      <PageHeader
        title="Capture"
        about="Send leads to this server from a page, a program or by hand. No key is needed."
      />
      <div className="capture">
        <Card
          title="Send leads from"
          actions={<Choice<Way> label="Way to send leads" options={ways} value={way} onChange={setWay} />}
        >
          <Recipe way={way} />
        </Card>
        <Playground />
      </div>
    </>
  )
}

function Recipe({ way }: { readonly way: Way }) {
  const { origin } = location
  if (way === 'snippet') return <SnippetRecipe />
  if (way === 'form') return <CodeBlock label="Form" text={formOf(origin)} />
  if (way === 'react') return <CodeBlock label="React component" text={reactOf(origin)} />
  return <CodeBlock label="curl command" text={curlOf(origin)} />
}
