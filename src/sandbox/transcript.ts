import type { Chat, StoredMessage, StoryEvent, Tap, World } from './world.ts'

/** The chat as a story: who said what, who tapped what and was told what. A message appears where it was sent, as it is now. */
export function transcriptOf(world: World, chat: Chat, without = 0): string {
  return chat.story
    .slice(without)
    .flatMap((event) => linesOf(world, event))
    .join('\n')
}

/** The words of a message, whatever its kind. */
export function wordsOf(message: StoredMessage): string {
  if (message.kind === 'text' || message.kind === 'service') return message.text
  const name = message.kind === 'document' && message.file ? `document ${message.file.filename}` : message.kind
  return message.text || `[${name}]`
}

function linesOf(world: World, event: StoryEvent): string[] {
  if (event.kind === 'note') return [`* ${event.text}`]
  if (event.kind === 'tap') return [tapLine(event.tap)]
  if (event.kind === 'message') return messageLines(world, event.message)
  const about = `“${shortened(wordsOf(event.message))}”`
  const bot = world.bot.first_name
  return [
    event.emoji === '' ? `${bot} takes its reaction to ${about} back` : `${bot} reacts ${event.emoji} to ${about}`,
  ]
}

function messageLines(world: World, message: StoredMessage): string[] {
  if (message.kind === 'service') return [`* ${message.text}`]
  const name = message.senderChat?.title ?? message.from?.first_name ?? world.bot.first_name
  if (message.deleted) return [`${name}: (deleted)`]
  const media = message.kind === 'text' || message.text === '' ? '' : `[${message.kind}] `
  const mark = message.editedAt.length > 0 ? ' (edited)' : ''
  const indent = '  '
  const [first = '', ...rest] = `${media}${wordsOf(message)}`.split('\n')
  const buttons = (message.keyboard ?? []).map((row) => row.map((button) => `[ ${button.text} ]`).join(' '))
  return [`${name}${mark}: ${first}`, ...[...rest, ...buttons].map((line) => indent + line)]
}

function tapLine(tap: Tap): string {
  const deed = `${tap.by.first_name} taps ${tap.label}`
  if (!tap.answer) return `${deed} (no answer)`
  if (tap.answer.text === undefined) return deed
  return `${deed} → ${tap.answer.alert ? 'alert ' : ''}“${tap.answer.text}”`
}

function shortened(text: string): string {
  const line = text.split('\n')[0] ?? ''
  return line.length > 40 ? `${line.slice(0, 39)}…` : line
}
