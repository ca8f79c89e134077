import type { Update } from 'telegraf/types'
import type { UpdateKind } from '../metrics/telemetry.ts'

/** What an update is, for counting. Of a message only whether it begins like a command is looked at. */
export function kindOf(update: Update): UpdateKind {
  if ('callback_query' in update) return 'tap'
  if ('message' in update) {
    // Whatever came: the counting is the last place to find fault with it.
    const { text } = (update.message ?? {}) as { text?: unknown }
    return typeof text === 'string' && text.startsWith('/') ? 'command' : 'message'
  }
  return 'my_chat_member' in update || 'chat_member' in update ? 'membership' : 'other'
}
