import { isRecord, type Params, recordOf } from './params.ts'
import { badRequest } from './refusal.ts'
import type { Button, Keyboard } from './world.ts'

const ACTIONS = [
  'url',
  'web_app',
  'login_url',
  'switch_inline_query',
  'switch_inline_query_current_chat',
  'copy_text',
  'pay',
]

/** The inline keyboard of a call; undefined where there is none. Keyboards of other kinds are taken and not shown. */
export function keyboardOf(params: Params): Keyboard | undefined {
  const markup = recordOf(params, 'reply_markup')
  if (!markup || markup['inline_keyboard'] === undefined) return undefined
  const rows = markup['inline_keyboard']
  if (!Array.isArray(rows)) return badRequest('object expected as reply markup')
  const keyboard = rows.map((row) => {
    if (!Array.isArray(row))
      return badRequest('can\'t parse inline keyboard: Field "inline_keyboard" must be of type Array')
    return row.map(buttonOf)
  })
  const filled = keyboard.filter((row) => row.length > 0)
  return filled.length > 0 ? filled : undefined
}

function buttonOf(given: unknown): Button {
  if (!isRecord(given)) return badRequest("can't parse inline keyboard button: expected an Object")
  const { text, callback_data: data } = given
  if (typeof text !== 'string') return badRequest('can\'t parse inline keyboard button: Can\'t find field "text"')
  if (data === undefined) {
    if (ACTIONS.some((action) => given[action] !== undefined)) return { ...given, text }
    return badRequest('Text buttons are unallowed in the inline keyboard')
  }
  const bytes = typeof data === 'string' ? Buffer.byteLength(data) : 0
  if (bytes < 1 || bytes > 64) badRequest('BUTTON_DATA_INVALID')
  return { ...given, text, callback_data: String(data) }
}

export const sameKeyboard = (a: Keyboard | undefined, b: Keyboard | undefined): boolean =>
  JSON.stringify(a ?? []) === JSON.stringify(b ?? [])
