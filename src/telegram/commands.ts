import type { BotApi } from './bot-api.ts'
import { LANGUAGES, textsFor } from './texts.ts'

/** In the order in which Telegram offers them. */
export const MEMBER_COMMANDS = [
  'propose',
  'vote',
  'status',
  'history',
  'orders',
  'order',
  'portfolio',
  'prices',
  'performance',
  'export',
  'help',
] as const
export const ADMIN_COMMANDS = ['create_session', 'close_session', 'halt', 'resume', 'settle', 'language'] as const
export const PRIVATE_COMMANDS = ['start', 'me', 'help'] as const

const [CREATE, ...OTHER_ADMIN_COMMANDS] = ADMIN_COMMANDS

const SCOPES = [
  { scope: 'all_private_chats', commands: PRIVATE_COMMANDS },
  { scope: 'all_group_chats', commands: MEMBER_COMMANDS },
  { scope: 'all_chat_administrators', commands: [CREATE, ...MEMBER_COMMANDS, ...OTHER_ADMIN_COMMANDS] },
] as const

/** Tells Telegram which commands to offer whom, in each language; English is for everybody else. */
export async function publishCommands(api: BotApi): Promise<void> {
  for (const { scope, commands } of SCOPES)
    for (const language of LANGUAGES) {
      const texts = textsFor(language)
      const list = commands.map((command) => ({
        command,
        description: texts.plain(`command-${command.replace('_', '-')}`),
      }))
      const forLanguage = language === 'en' ? {} : { language_code: language }
      await api('setMyCommands', { commands: list, scope: { type: scope }, ...forLanguage })
    }
}
