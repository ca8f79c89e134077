import { expect, test } from 'vitest'
import { createLog } from '../../src/lib/log.ts'
import { createOutbox } from '../../src/telegram/outbox.ts'
import { createTestClock } from '../support/clock.ts'

function anOutbox() {
  const sent: unknown[] = []
  const lines: string[] = []
  const log = createLog('debug', [], { write: (line: string) => void lines.push(line) })
  const api = async <T>(_: string, params: Record<string, unknown>) => {
    sent.push(params['text'])
    return { message_id: 1 } as T
  }
  return { outbox: createOutbox(api, createTestClock(), log), sent, logged: () => lines.join('') }
}

test('what follows an update is waited for, with what it sends', async () => {
  const { outbox, sent } = anOutbox()
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  outbox.follow('work', async () => {
    await held
    outbox.post(1, 'sendMessage', { text: 'result' })
  })
  outbox.post(1, 'sendMessage', { text: 'meanwhile' })
  const idle = outbox.idle().then(() => sent.push('idle'))
  release()
  await idle
  expect(sent).toEqual(['meanwhile', 'result', 'idle'])
  outbox.follow('work', async () => outbox.post(1, 'sendMessage', { text: 'last' }))
  await outbox.close()
  expect(sent.at(-1)).toBe('last')
})

test('its failure is logged, and the next goes on', async () => {
  const { outbox, logged } = anOutbox()
  let isDone = false
  outbox.follow('work', () => Promise.reject(new Error('it went wrong')))
  outbox.follow('work', async () => {
    isDone = true
  })
  await outbox.close()
  expect(isDone).toBe(true)
  expect(logged()).toContain('it went wrong')
})
