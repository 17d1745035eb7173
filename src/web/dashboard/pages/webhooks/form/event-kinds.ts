/** Types of events that a webhook may receive. */
export const eventKinds: readonly { readonly type: string; readonly name: string }[] = [
  { type: 'contact.created', name: 'New leads' },
  { type: 'contact.updated', name: 'Changed leads' },
  { type: 'contact.erased', name: 'Erased leads' },
  { type: 'webhook.failing', name: 'Webhooks that fail' },
  { type: 'webhook.recovered', name: 'Webhooks that work again' },
  { type: 'webhook.disabled', name: 'Webhooks that are disabled' },
  { type: '*', name: 'Everything' },
]
