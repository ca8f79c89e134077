import { expect, test } from 'vitest'
import type { Proposal, Session } from '../../src/domain/session.ts'
import { newId } from '../../src/lib/ids.ts'
import { createArchive, recordProposalIn } from '../../src/storage/archive.ts'
import { createGroups } from '../../src/storage/groups.ts'
import { createRegistry } from '../../src/storage/registry.ts'
import { aChatId, aDecidedProposal, onEveryDatabase } from '../contracts/records.ts'
import { aSession } from '../support/sessions.ts'

onEveryDatabase((shared) => {
  const groups = () => createGroups(shared.database.db, shared.clock)
  const record = (session: Session, proposal: Proposal) =>
    shared.database.db.transaction().execute((trx) => recordProposalIn(trx, session, proposal))

  test('a chat has one group, made when first seen, and its title stays current', async () => {
    const chatId = aChatId()
    expect(await groups().find(chatId)).toBeUndefined()
    const made = await groups().ensure(chatId, 'Traders')
    expect(made).toEqual({ id: expect.any(String), chatId, title: 'Traders', language: null })
    expect(await groups().ensure(chatId, 'Old traders')).toEqual({ ...made, title: 'Old traders' })
    expect(await groups().find(chatId)).toEqual({ ...made, title: 'Old traders' })
    expect(await groups().byId(made.id)).toEqual({ ...made, title: 'Old traders' })
  })

  test('seen by many at once, it is still one group', async () => {
    const chatId = aChatId()
    const made = await Promise.all(Array.from({ length: 12 }, () => groups().ensure(chatId, 'Traders')))
    expect(new Set(made.map(({ id }) => id)).size).toBe(1)
  })

  test('a wish for a language that came before the last one changes nothing', async () => {
    const chatId = aChatId()
    await groups().ensure(chatId, 'Traders')
    await groups().setLanguage(chatId, 'ru', 200)
    await groups().setLanguage(chatId, 'en', 100)
    expect((await groups().find(chatId))?.language).toBe('ru')
    await groups().setLanguage(chatId, 'en', 300)
    expect((await groups().find(chatId))?.language).toBe('en')
    await groups().setLanguage(aChatId(), 'en', 1)
  })

  test('a group keeps its id when its chat id changes, however often that is told', async () => {
    const [from, to] = [aChatId(), aChatId()]
    const { id } = await groups().ensure(from, 'Traders')
    const moved = { id, chatId: to, title: 'Traders', language: null }
    expect(await groups().migrate(from, to)).toEqual(moved)
    expect(await groups().migrate(from, to)).toEqual(moved)
    expect(await groups().find(to)).toEqual(moved)
    expect(await groups().find(from)).toEqual(moved)
    // A late update of the old chat makes no second group, and its title is old.
    expect(await groups().ensure(from, 'Titled before')).toEqual(moved)
    expect(await groups().migrate(from, to)).toEqual(moved)
  })

  test('a chat id can change twice', async () => {
    const [first, second, third] = [aChatId(), aChatId(), aChatId()]
    const { id } = await groups().ensure(first, 'Traders')
    await groups().migrate(first, second)
    await groups().migrate(second, third)
    for (const chatId of [first, second, third]) {
      expect(await groups().find(chatId)).toMatchObject({ id, chatId: third })
    }
  })

  test('migrating chats that nobody knows answers nothing', async () => {
    expect(await groups().migrate(aChatId(), aChatId())).toBeUndefined()
  })

  test('where both chats have a group already, the old one takes everything over', async () => {
    const [from, to] = [aChatId(), aChatId()]
    const archive = createArchive(shared.database.db)
    const registry = createRegistry(shared.database.db)
    const old = await groups().ensure(from, 'Traders')
    const young = await groups().ensure(to, 'Traders')
    await groups().setLanguage(to, 'ru', 5)
    const [before, during, after] = [aDecidedProposal(), aDecidedProposal(), aDecidedProposal()]
    await record(aSession({ groupId: old.id, proposals: [before] }), before)
    await record(aSession({ groupId: young.id, proposals: [during] }), during)
    const sessionId = newId()
    await registry.expect(sessionId, young.id, 1000)

    expect(await groups().migrate(from, to)).toEqual({ id: old.id, chatId: to, title: 'Traders', language: 'ru' })
    expect(await groups().migrate(from, to)).toMatchObject({ id: old.id, chatId: to })

    // A live document may go on naming the group that is gone.
    await record(aSession({ groupId: young.id, proposals: [after] }), after)
    const late = newId()
    await registry.expect(late, young.id, 1000)
    const { total, proposals } = await archive.history(old.id, 10, 0)
    expect(total).toBe(3)
    expect(new Set(proposals.map(({ id }) => id))).toEqual(new Set([before.id, during.id, after.id]))
    expect(await archive.history(young.id, 10, 0)).toEqual({ total, proposals })
    expect(await groups().byId(young.id)).toMatchObject({ id: old.id, chatId: to })
    const open = (await registry.all()).filter(({ id }) => [sessionId, late].includes(id))
    expect(open.map(({ groupId }) => groupId)).toEqual([old.id, old.id])
  })

  test('told by many at once, a migration ends with one group', async () => {
    const [from, to] = [aChatId(), aChatId()]
    const { id } = await groups().ensure(from, 'Traders')
    const all = await Promise.all([
      ...Array.from({ length: 6 }, () => groups().migrate(from, to)),
      ...Array.from({ length: 6 }, () => groups().ensure(to, 'Traders')),
    ])
    expect(all).toHaveLength(12)
    expect(await groups().migrate(from, to)).toMatchObject({ id, chatId: to })
    for (const chatId of [from, to]) expect(await groups().find(chatId)).toMatchObject({ id, chatId: to })
  })
})
