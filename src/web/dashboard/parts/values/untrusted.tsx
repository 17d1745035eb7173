/** Text of somebody else: in an element of its own, so that its direction ends with it. */
export function Untrusted({ text }: { readonly text: string }) {
  return <bdi>{text}</bdi>
}
