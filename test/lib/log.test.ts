import { describe, expect, test } from 'vitest'
import { createLog, createRedactor } from '../../src/lib/log.ts'
import { escapeHtml } from '../../src/telegram/texts.ts'

const TOKEN = '123456789:AAE-abcdefghijklmnopqrstuvwxyz_0123'
const PASSWORD = 'p"a\\s&s w<o>rd/?'
const SECRETS = [TOKEN, PASSWORD, 'webhook-secret-webhook-secret-12']

function logging(write: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = []
  write(createLog('trace', SECRETS, { write: (line: string) => void lines.push(line) }))
  for (const line of lines) JSON.parse(line)
  return lines.join('')
}

const holdsNoSecret = (text: string) => {
  for (const secret of [TOKEN, 'AAE-abcdef', PASSWORD, 's&s w', 's%26s', 's&amp;s', 'webhook-secret-webhook'])
    expect(text).not.toContain(secret)
}

describe('no line holds a secret', () => {
  const failing = (message: string, cause?: unknown) => new Error(message, cause === undefined ? {} : { cause })

  test.each([
    ['the message', failing(`request to https://api.telegram.org/bot${TOKEN}/getMe failed`)],
    ['a cause', failing('outer', failing('middle', failing(`inner ${TOKEN} ${PASSWORD}`)))],
    ['a cause that is text', failing('outer', `page of /bot${TOKEN}/`)],
    ['a page', failing(`invalid json: <html><a href="/bot${TOKEN}/getMe">502</a>${escapeHtml(PASSWORD)}</html>`)],
    [
      'an encoded address',
      failing(`https://x/?password=${encodeURIComponent(PASSWORD)}&t=${encodeURIComponent(TOKEN)}`),
    ],
    ['a text thrown', `oops ${TOKEN}`],
  ])('when %s has one', (_, error) => {
    const text = logging((log) => log.error({ err: error }, 'failed'))
    holdsNoSecret(text)
    expect(text).toMatch(/\[(secret|token)\]/)
  })

  test('when the stack has one', () => {
    const error = new Error('plain')
    error.stack = `Error: at https://api.telegram.org/bot${TOKEN}/getMe`
    holdsNoSecret(logging((log) => log.error({ err: error }, 'failed')))
  })

  test('when a long text is cut in the middle of one', () => {
    for (const limit of [500, 2000, 4000])
      for (const part of [5, 15, 30]) {
        const message = `${'x'.repeat(limit - part)}${TOKEN}`
        const thrown: unknown = limit === 500 ? message : new Error(message)
        const text = logging((log) => log.error({ err: thrown }, 'failed'))
        expect(text).not.toContain('x123')
      }
  })

  test('when any other field, or the line itself, has one', () => {
    const text = logging((log) => {
      log.info({ url: `https://x/bot${TOKEN}`, nested: { list: [PASSWORD] } }, `started with ${PASSWORD}`)
      log.child({ chat: TOKEN }).debug('hello')
    })
    holdsNoSecret(text)
  })

  test('an error keeps its name, code and message, and nothing that it carries besides', () => {
    const error = Object.assign(new TypeError('bad'), { code: 'EBAD', request: { headers: 'private' } })
    const text = logging((log) => log.warn({ err: error }, 'failed'))
    expect(JSON.parse(text)).toMatchObject({ msg: 'failed', err: { name: 'TypeError', message: 'bad', code: 'EBAD' } })
    expect(text).not.toContain('private')
  })

  test('an endless chain of causes ends', () => {
    const error = new Error('round')
    error.cause = error
    expect(logging((log) => log.error({ err: error }, 'failed'))).toContain('round')
  })
})

describe('without knowing them', () => {
  const redact = createRedactor([])

  test('tokens of bots are recognised', () => {
    expect(redact(`/bot${TOKEN}/getMe`)).toBe('/bot[token]/getMe')
  })

  test.each([
    ['redis://user:hunter2@host:6379/0', 'redis://user:[secret]@host:6379/0'],
    ['rediss://:hunter2@host', 'rediss://:[secret]@host'],
    ['to postgres://a:b%40c@db/x now', 'to postgres://a:[secret]@db/x now'],
  ])('the password in %s', (text, clean) => expect(redact(text)).toBe(clean))

  test('what is none is left alone', () => {
    const line = '{"url":"http://localhost:3000","mail":"a@b.example","at":"12:30","id":"123456:short"}'
    expect(redact(line)).toBe(line)
  })
})
