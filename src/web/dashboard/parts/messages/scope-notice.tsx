import type { Scope } from '../../../../generated/graphql/graphql.ts'

/** Says which scope an action needs, in place of what the key may not do. */
export function ScopeNotice({ action, scope }: { readonly action: string; readonly scope: Scope }) {
  return (
    <p className="soft">
      {action} needs a key with the scope {scope}.
    </p>
  )
}
