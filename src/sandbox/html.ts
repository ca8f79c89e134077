import { atEnd, type Cursor, charAt, readCharacterReference } from './html-cursor.ts'
import { readEndTag, readStartTag, type StartTag } from './html-tags.ts'
import { badRequest } from './refusal.ts'

export type Entity = { readonly type: string; readonly offset: number; readonly length: number } & Readonly<
  Record<string, unknown>
>

export type RichText = { readonly text: string; readonly entities: readonly Entity[] }

type Open = StartTag & { readonly offset: number }

const SIMPLE: Readonly<Record<string, string>> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  u: 'underline',
  ins: 'underline',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  'tg-spoiler': 'spoiler',
  span: 'spoiler',
}

/** Parses Telegram's subset of HTML as TDLib does, refusing with the words of the Bot API. */
export function parseHtml(source: string): RichText {
  const cursor: Cursor = { source, at: 0 }
  const open: Open[] = []
  const entities: Entity[] = []
  let text = ''
  while (!atEnd(cursor)) {
    const decoded = readCharacterReference(cursor)
    if (decoded !== undefined) {
      text += decoded
    } else if (charAt(cursor) !== '<') {
      text += charAt(cursor)
      cursor.at++
    } else if (source[cursor.at + 1] !== '/') {
      open.push({ ...readStartTag(cursor), offset: text.length })
    } else {
      readEndTag(cursor, open.at(-1)?.name)
      closeTag(open.pop(), text, entities)
    }
  }
  const unclosed = open.at(-1)
  if (unclosed) badRequest(`can't parse entities: Can't find end tag corresponding to start tag "${unclosed.name}"`)
  return { text, entities: inOrder(entities) }
}

/** The text as markup that parses back to exactly this text. */
export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

function closeTag(tag: Open | undefined, text: string, entities: Entity[]): void {
  if (!tag || text.length === tag.offset) return
  const place = { offset: tag.offset, length: text.length - tag.offset }
  const last = entities.at(-1)
  const facts = factsOf(tag, text.slice(tag.offset))
  const isCodeInPre = [last?.type, facts?.type].sort().join() === 'code,pre'
  const language = facts?.['language'] ?? last?.['language']
  if (isCodeInPre && language && last?.offset === place.offset && last.length === place.length) {
    entities[entities.length - 1] = { type: 'pre', ...place, language }
    return
  }
  if (facts) entities.push({ ...facts, ...place })
}

function factsOf(tag: Open, inner: string): ({ type: string } & Record<string, unknown>) | undefined {
  const simple = SIMPLE[tag.name]
  if (simple) return { type: simple }
  const { attributes } = tag
  if (tag.name === 'a') return linkTo(attributes['href'] || inner)
  if (tag.name === 'pre') return { type: 'pre' }
  if (tag.name === 'blockquote') return { type: 'expandable' in attributes ? 'expandable_blockquote' : 'blockquote' }
  if (tag.name === 'code') {
    const language = /^language-(.+)$/s.exec(attributes['class'] ?? '')?.[1]
    return language ? { type: 'code', language } : { type: 'code' }
  }
  if (tag.name === 'tg-time') return timeOf(attributes)
  if (!/^\d+$/.test(attributes['emoji-id'] ?? '')) badRequest('Invalid custom emoji identifier specified')
  return { type: 'custom_emoji', custom_emoji_id: attributes['emoji-id'] }
}

function linkTo(target: string): ({ type: string } & Record<string, unknown>) | undefined {
  const user = /^tg:\/\/user\/?\?id=(\d+)$/.exec(target)?.[1]
  if (user) return { type: 'text_mention', user: { id: Number(user), is_bot: false, first_name: '' } }
  if (/\s/.test(target)) return undefined
  const address = /^[a-z][a-z0-9+.-]*:/i.test(target) ? target : `http://${target}`
  return URL.canParse(address) ? { type: 'text_link', url: new URL(address).href } : undefined
}

function timeOf(attributes: StartTag['attributes']): ({ type: string } & Record<string, unknown>) | undefined {
  const unix = Number(attributes['unix'])
  if (!Number.isSafeInteger(unix) || unix <= 0) return undefined
  return { type: 'date_time', unix_time: unix, date_time_format: attributes['format'] ?? '' }
}

function inOrder(entities: readonly Entity[]): Entity[] {
  const plain = entities.map((entity) => {
    if (entity.type !== 'code' || !('language' in entity)) return entity
    const { type, offset, length } = entity
    return { type, offset, length }
  })
  return plain.sort((a, b) => a.offset - b.offset || b.length - a.length)
}
