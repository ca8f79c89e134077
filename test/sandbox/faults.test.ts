import { expect, test } from 'vitest'
import { stage } from './bot-side.ts'

test('a flood wait lasts its seconds, and strikes what it is meant for', async () => {
  const { call, tg, group, clock } = await stage()
  const fault = tg.faults.floodWait(3, { method: 'sendMessage', chatId: group.id })
  const send = () => call('sendMessage', { chat_id: group.id, text: 'x' })
  expect(await send()).toEqual({
    ok: false,
    error_code: 429,
    description: 'Too Many Requests: retry after 3',
    parameters: { retry_after: 3 },
  })
  expect((await call('getMe')).ok).toBe(true)
  clock.advance(3000)
  expect((await send()).ok).toBe(true)
  expect(fault.hits).toBe(1)
  tg.faults.floodWait(5, { times: 2 })
  expect([(await send()).error_code, (await send()).error_code, (await send()).ok]).toEqual([429, 429, true])
  expect(tg.callsOf('sendmessage').map(({ status }) => status)).toEqual([429, 200, 429, 429, 200])
})

test('a page of a proxy in place of an answer', async () => {
  const { tg } = await stage()
  tg.faults.badGateway({ times: 1 })
  tg.faults.badGateway({ status: 200, times: 1 })
  for (const status of [502, 200]) {
    const response = await fetch(`${tg.url}/bot${tg.token}/getMe`)
    expect(response.status).toBe(status)
    expect(await response.text()).toContain('<html>')
  }
  expect((await fetch(`${tg.url}/bot${tg.token}/getMe`)).headers.get('content-type')).toBe('application/json')
})

test('a connection breaks before the call takes effect, or after', async () => {
  const { call, tg, group } = await stage()
  tg.faults.breakConnections({ method: 'sendMessage', times: 1 })
  await expect(call('sendMessage', { chat_id: group.id, text: 'never' })).rejects.toThrow()
  tg.faults.breakConnections({ method: 'sendMessage', afterDoing: true })
  await expect(call('sendMessage', { chat_id: group.id, text: 'done' })).rejects.toThrow()
  tg.faults.clear()
  await call('sendMessage', { chat_id: group.id, text: 'fine' })
  expect(group.fromBot().map((message) => message.text)).toEqual(['done', 'fine'])
})

test('a fault that is ended strikes no more, and the others go on', async () => {
  const { call, tg } = await stage()
  const ended = tg.faults.floodWait(5, { times: 9 })
  const other = tg.faults.breakConnections({ method: 'getMe' })
  ended.end()
  ended.end()
  await expect(call('getMe')).rejects.toThrow()
  expect([ended.hits, other.hits]).toEqual([0, 1])
})

test('slow answers come when their time has come; polling is struck only by name', async () => {
  const { call, tg, clock } = await stage()
  tg.faults.slow(20_000)
  let answered = false
  const slow = call('getMe').then(() => {
    answered = true
  })
  expect((await call('getUpdates')).ok).toBe(true)
  expect(answered).toBe(false)
  clock.advance(20_000)
  await slow
  tg.faults.clear()
  tg.faults.badGateway({ method: 'getUpdates' })
  await expect(call('getUpdates')).rejects.toThrow()
})

test('the limits of the real one, where asked for', async () => {
  const { call, tg, group, clock } = await stage()
  tg.realisticLimits()
  const send = () => call('sendMessage', { chat_id: group.id, text: 'x' })
  for (let nth = 0; nth < 20; nth++) expect((await send()).ok).toBe(true)
  const refused = await send()
  expect(refused).toMatchObject({ error_code: 429, parameters: { retry_after: expect.any(Number) } })
  clock.advance(60_000)
  expect((await send()).ok).toBe(true)
})
