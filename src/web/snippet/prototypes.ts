/**
 * Methods of the prototypes. A field named `reset` or `append` hides the form's own method, and a named image or form
 * hides a property of the document.
 */
export const { append, closest, getAttribute, matches, querySelector, setAttribute } = Element.prototype
export const { reportValidity, reset } = HTMLFormElement.prototype
export const { createElement, querySelectorAll } = Document.prototype
export const { dispatchEvent } = EventTarget.prototype

/** Calls a method of a prototype on an object that may hide it. */
export function call<Arguments extends unknown[], Result>(
  method: (...given: Arguments) => Result,
  self: object,
  ...given: Arguments
): Result {
  return Reflect.apply(method, self, given)
}

/** Returns a property of the document that a named element may hide. */
export function ofDocument(name: 'baseURI' | 'currentScript' | 'referrer'): unknown {
  return Reflect.get(Document.prototype, name, document)
}
