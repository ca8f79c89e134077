import { expect, test } from 'vitest'
import type { Person } from '../../src/sandbox/people.ts'
import { opensSession, proposes, type World, world } from '../support/world.ts'

const MINUTE = 60_000

async function asks(it: World, person: Person) {
  const said = await person.says(it.group, '/export')
  await it.rest()
  return it.group.fromBot().filter((message) => message.replyTo === said.id)
}

/** Reads a table as RFC 4180 has it, into records by the names of its columns. */
function recordsOf(table: string): Record<string, string>[] {
  const rows = table
    .trimEnd()
    .split('\r\n')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
        quoted === undefined ? plain! : quoted.replaceAll('""', '"'),
      ),
    )
  const [names = [], ...lines] = rows
  return lines.map((cells) => {
    expect(cells).toHaveLength(names.length)
    return Object.fromEntries(names.map((name, index) => [name, cells[index]!]))
  })
}

test('every member gets the group’s decisions, votes and orders, as a table and as data', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob, it.carol])
  const buy = await proposes(it, it.alice, 'buy BONK 0.05')
  await it.alice.taps(buy, 'Yes 0.05')
  await it.bob.taps(buy, 'Yes 0.1')
  await it.carol.taps(buy, 'No')
  await it.pass(10_000)
  const lost = await proposes(it, it.bob, 'buy WIF 0.05')
  await it.carol.taps(lost, 'No')
  await it.pass(5 * MINUTE)

  const files = await asks(it, it.dave)
  expect(files.map(({ kind, file }) => [kind, file?.filename.replace(/\d{4}-\d\d-\d\d/, 'DATE')])).toEqual([
    ['document', 'tradevote-DATE.csv'],
    ['document', 'tradevote-DATE.json'],
  ])
  expect(files[0]?.text).toContain('2 decisions')

  const table = files[0]!.file!.bytes.toString()
  expect(table.startsWith('\uFEFFdecided_at_utc,')).toBe(true)
  const records = recordsOf(table.slice(1))
  expect(records.map(({ proposal, member, vote, stake }) => [proposal?.split(' ')[1], member, vote, stake])).toEqual([
    ['token=WIF', 'Carol', 'no', '0'],
    ['token=BONK', "'@alice", 'yes', '0.05'],
    ['token=BONK', "'@bob", 'yes', '0.1'],
    ['token=BONK', 'Carol', 'no', '0'],
  ])
  expect(records[0]).toMatchObject({ decision: 'not approved', reason: 'rejected', order: '', yes: '0', no: '1' })
  expect(records[1]).toMatchObject({
    decision: 'approved',
    order_state: 'filled',
    order_token: 'BONK',
    pledged: '0.15',
  })
  expect(records[1]?.['decided_at_utc']).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
  expect(records[3]).toMatchObject({ member_gave: '', member_got: '' })

  const data = JSON.parse(files[1]!.file!.bytes.toString())
  expect(data).toMatchObject({ format: 1, currency: 'SOL', exportedAt: expect.stringMatching(/Z$/) })
  expect(data.decisions.map((one: { text: string }) => one.text.split(' ')[1])).toEqual(['token=WIF', 'token=BONK'])
  const [order] = data.orders
  expect(order).toMatchObject({ side: 'buy', token: 'BONK', state: 'filled', asked: '0.15' })
  expect(order.id).toBe(records[1]?.['order'])
  expect(order.allocations.map((one: { got: string }) => one.got)).toEqual(
    records.slice(1, 3).map((one) => one['member_got']),
  )
})

test('the next export of a group waits for a minute, and tells how long', async () => {
  const it = await world()
  await opensSession(it, [it.alice])
  const buy = await proposes(it, it.alice, 'buy BONK 0.05')
  await it.alice.taps(buy, 'No')
  await it.pass(10_000)
  expect(await asks(it, it.bob)).toHaveLength(2)
  const soon = await asks(it, it.carol)
  expect(soon).toMatchObject([
    { kind: 'text', text: expect.stringMatching(/^The next export is possible in \d+ seconds/) },
  ])
  await it.pass(MINUTE)
  expect(await asks(it, it.carol)).toHaveLength(2)
})

test('a group that decided nothing, and a private chat, have nothing to export', async () => {
  const it = await world({ language: 'ru' })
  // What brought nothing puts off nothing.
  for (const person of [it.bob, it.carol])
    expect(await asks(it, person)).toMatchObject([{ kind: 'text', text: expect.stringContaining('выгружать нечего') }])
  await it.bob.says(it.bob.privateChat, '/export')
  await it.rest()
  expect(it.bob.privateChat.lastFromBot()?.text).toContain('/export')
  expect(it.tg.callsOf('sendDocument')).toEqual([])
})
