/**
 * The text of a participant stays with it, and that of a long list that is set once: a write changes few of them. They are
 * replaced and never altered, which freezing them makes sure of.
 */
const TEXT = Symbol('text')

export const entryText = (entry: object, make: () => string): string =>
  (entry as { [TEXT]?: string })[TEXT] ?? keepText(entry, make())

function keepText(entry: object, text: string): string {
  Object.freeze(Object.defineProperty(entry, TEXT, { value: text }))
  return text
}
