import { MINUTE, SECOND } from '../../src/lib/clock.ts'
import type { Group } from '../../src/sandbox/groups.ts'
import type { Person } from '../../src/sandbox/people.ts'
import type { ShownMessage } from '../../src/sandbox/shown.ts'
import type { Scene } from './scene.ts'

/** People who go through one session after another, with everything that is done in them. */
export type BusyClub = { group: Group; people: Person[]; rounds: number; updates: number }

export function busyClub({ tg }: Scene, serial: number): BusyClub {
  const people = Array.from({ length: 4 }, (_, n) => tg.person(`C${serial}-${n}`, { username: `c${serial}x${n}` }))
  return { group: groupOf(tg, people), people, rounds: 0, updates: 0 }
}

const groupOf = (tg: Scene['tg'], people: Person[]): Group =>
  tg.group('Club', { admins: people.slice(0, 1), members: people.slice(1) })

const ROUNDS_OF_A_GROUP = 15

/** Goes on until told that it is over. Whatever Telegram does to the bot meanwhile, each round ends. */
export async function keepsBusy(it: Scene, club: BusyClub, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await round(it, club)
    club.rounds += 1
    if (club.rounds % ROUNDS_OF_A_GROUP === 0) club.group = groupOf(it.tg, club.people)
  }
}

async function round(it: Scene, club: BusyClub): Promise<void> {
  const { group, people } = club
  const [admin, bob, carol, dave] = people as [Person, Person, Person, Person]
  const says = (person: Person, text: string) => {
    club.updates += 1
    return person.says(group, text)
  }
  const taps = async (person: Person, card: ShownMessage, label: string) => {
    club.updates += 1
    await person.taps(card, label)
  }
  const seen = group.fromBot().length
  const shows = async (pattern: RegExp, button = '', withinMs = 7 * MINUTE) => {
    const has = ({ buttons }: ShownMessage) => !button || buttons.flat().some((label) => label.includes(button))
    const find = () => group.fromBot().find((message, n) => n >= seen && pattern.test(message.text) && has(message))
    await it.tg.until(() => find() !== undefined, { withinMs })
    return find()!
  }
  /** On a machine that has much else to do, Telegram may not tell in time who is an admin: then it is said again. */
  const insists = async (person: Person, text: string, pattern: RegExp, button?: string) => {
    for (let tries = 1; ; tries++) {
      await says(person, text)
      try {
        return await shows(pattern, button, 20 * SECOND)
      } catch (error) {
        if (tries === 10) throw error
      }
    }
  }
  await says(bob, '/create_session "Not an admin" 5')
  const session = await insists(admin, '/create_session "Buy BONK token" 5', /trading session/, 'Join')
  for (const person of people) await taps(person, session, 'Join')
  await taps(dave, session, 'Skip')
  await taps(dave, session, 'Join')
  await says(bob, '/propose buy BONK 5000')
  const card = await insists(bob, `/propose buy BONK 0.0${1 + (club.rounds % 9)} 5m`, /BUY BONK/, 'Yes')
  strike(it, club)
  await says(carol, '/vote perhaps')
  await says(carol, '/vote no')
  await taps(carol, card, 'Yes')
  await says(dave, '/status')
  await says(dave, ['/history', '/portfolio', '/orders', '/help'][club.rounds % 4]!)
  await Promise.all(people.map((person, n) => taps(person, card, n === club.rounds % 5 ? 'No' : 'Yes')))
  await redeliver(it)
  await shows(/^(✅ Approved|❌ Not approved)/)
  await says(admin, '/close_session')
  await insists(admin, '/close_session', /^🏁|No session is open here/)
  await shows(/^🏁/)
}

/** Every round something else goes wrong once on the way to this group. */
function strike({ tg: { faults } }: Scene, { group, rounds }: BusyClub): void {
  const target = { chatId: group.id, times: 1 }
  const kinds = [
    () => faults.floodWait(1, target),
    () => faults.badGateway(target),
    () => faults.breakConnections({ ...target, method: 'editMessageText', afterDoing: true }),
    () => undefined,
  ]
  kinds[rounds % kinds.length]!()
}

/** Something that was said a while ago comes once more. */
async function redeliver({ tg }: Scene): Promise<void> {
  const old = tg.updates.at(-5)
  if (old) await tg.redeliver(old.update_id)
}
