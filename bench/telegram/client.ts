import { setTimeout as sleep } from 'node:timers/promises'
import { end, heard, startPart } from '../processes.ts'

/** The stand-in for Telegram, in a process of its own. */
export type Telegram = {
  url: string
  pid: number
  /** The newest message with buttons of each chat, by chat id. */
  cards(): Promise<Record<string, { messageId: number; data: string[] }>>
  calls(): Promise<Record<string, number>>
  /** Resolves when this many chats show a button that begins so. */
  shows(beginning: RegExp, chats: number, withinMs?: number): Promise<void>
  stop(): Promise<void>
}

export async function startTelegram(): Promise<Telegram> {
  const child = startPart('telegram/main.ts')
  const port = await heard<number>(child)
  const url = `http://127.0.0.1:${port}`
  const get = async <T>(path: string) => (await (await fetch(url + path)).json()) as T
  const cards = () => get<Record<string, { messageId: number; data: string[] }>>('/cards')
  return {
    url,
    pid: child.pid!,
    cards,
    calls: () => get<Record<string, number>>('/calls'),
    async shows(beginning, chats, withinMs = 120_000) {
      const until = Date.now() + withinMs
      for (;;) {
        const shown = Object.values(await cards()).filter(({ data }) => data.some((one) => beginning.test(one)))
        if (shown.length >= chats) return
        if (Date.now() > until) throw new Error(`only ${shown.length} of ${chats} chats show ${beginning}`)
        await sleep(50)
      }
    },
    stop: () => end(child),
  }
}
