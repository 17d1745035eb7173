import { useState } from 'react'
import { TextField } from '../../parts/controls/field.tsx'
import { Switch } from '../../parts/controls/switch.tsx'
import { CodeBlock } from '../../parts/values/code-block.tsx'
import { type SnippetOptions, snippetOf } from './recipes.ts'

const none: SnippetOptions = { redirect: '', hasFailedText: false, hasQueuedText: false, hasMessagePlace: false }

/** The capture script with its options as switches. */
export function SnippetRecipe() {
  const [options, setOptions] = useState(none)
  const choose = (change: Partial<SnippetOptions>) => setOptions({ ...options, ...change })
  return (
    <div className="stack">
      <p className="soft">
        Visits are remembered: the lead has the campaign, the referrer and the landing page of the first and the last
        visit. What cannot be sent is kept and sent later.
      </p>
      <Switch name="failed" label="Own text for failures" onChange={(hasFailedText) => choose({ hasFailedText })} />
      <Switch name="queued" label="Own text while offline" onChange={(hasQueuedText) => choose({ hasQueuedText })} />
      <Switch name="place" label="Own place for messages" onChange={(hasMessagePlace) => choose({ hasMessagePlace })} />
      <TextField
        label="Go on to"
        type="url"
        placeholder="https://www.example.com/thanks"
        hint="Its origin has to be allowed under Workspace."
        value={options.redirect}
        onChange={({ target }) => choose({ redirect: target.value })}
      />
      <CodeBlock label="Page with the script" text={snippetOf(location.origin, options)} />
    </div>
  )
}
