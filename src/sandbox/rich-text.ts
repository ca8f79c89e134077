import { type Entity, escapeHtml, parseHtml, type RichText } from './html.ts'
import { isRecord, listOf, type Params, textOf } from './params.ts'
import { badRequest } from './refusal.ts'

export const MAX_TEXT = 4096
export const MAX_CAPTION = 1024

export type Written = RichText & { readonly html: string }

/** A text argument as Telegram understands it: markup parsed, white space at both ends gone. */
export function writtenText(params: Params, key: 'text' | 'caption'): Written {
  // Bytes know no lone surrogates, so a text that has some arrives without them.
  const source = Buffer.from(textOf(params, key) ?? '').toString()
  const mode = (textOf(params, 'parse_mode') ?? '').toLowerCase()
  if (mode !== '' && mode !== 'html') return badRequest(`unsupported parse_mode (the emulator knows HTML only)`)
  const rich = mode === 'html' ? parseHtml(source) : { text: source, entities: givenEntities(params, key) }
  return { ...trimmed(rich), html: mode === 'html' ? source.trim() : escapeHtml(source.trim()) }
}

export function messageText(params: Params): Written {
  const written = writtenText(params, 'text')
  if (written.text === '') badRequest('message text is empty')
  if (written.text.length > MAX_TEXT) badRequest('message is too long')
  return written
}

export function captionText(params: Params): Written {
  const written = writtenText(params, 'caption')
  if (written.text.length > MAX_CAPTION) badRequest('message caption is too long')
  return written
}

/** What Telegram marks by itself in what people write. */
export function entitiesInSpeech(text: string): Entity[] {
  const found: Entity[] = []
  for (const match of text.matchAll(
    /(?<![\w/@])(?:\/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?|@[A-Za-z]\w{3,31})(?!\w)/g,
  )) {
    const type = match[0].startsWith('/') ? 'bot_command' : 'mention'
    found.push({ type, offset: match.index, length: match[0].length })
  }
  return found
}

function givenEntities(params: Params, key: 'text' | 'caption'): Entity[] {
  const given = listOf(params, key === 'text' ? 'entities' : 'caption_entities') ?? []
  return given.filter(
    (entity): entity is Entity =>
      isRecord(entity) &&
      typeof entity['type'] === 'string' &&
      Number.isSafeInteger(entity['offset']) &&
      Number.isSafeInteger(entity['length']),
  )
}

function trimmed({ text, entities }: RichText): RichText {
  const lead = text.length - text.trimStart().length
  const kept = text.trim()
  const moved = entities.map((entity) => {
    const start = Math.min(Math.max(entity.offset - lead, 0), kept.length)
    const end = Math.min(Math.max(entity.offset + entity.length - lead, 0), kept.length)
    return { ...entity, offset: start, length: end - start }
  })
  return { text: kept, entities: moved.filter((entity) => entity.length > 0) }
}
