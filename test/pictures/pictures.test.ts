import type { Worker } from 'node:worker_threads'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createLog } from '../../src/lib/log.ts'
import { createPictures, type PictureLimits } from '../../src/pictures/create-pictures.ts'
import type { VotePicture } from '../../src/pictures/pictures.ts'
import { createTestClock } from '../support/clock.ts'

const MINUTE = 60_000

function studio(limits: Partial<PictureLimits> = {}) {
  const clock = createTestClock()
  const lines: string[] = []
  const log = createLog('debug', [], { write: (line: string) => void lines.push(line) })
  const own = { queue: 20, drawMs: 30_000, restMs: MINUTE, ...limits }
  const pictures = createPictures({ clock, log, limits: own })
  onTestFinished(() => pictures.close())
  return { pictures, clock, limits: own, logged: () => lines.join('') }
}

const aVote = (facts: Partial<VotePicture> = {}): VotePicture => ({
  title: 'КУПИТЬ BONK',
  approved: true,
  verdict: 'Принято.',
  counts: [{ label: 'За', count: 2 }],
  stakesTitle: 'Ставки: 0.15 SOL',
  stakes: [{ name: '@alice', amount: '0.15' }],
  more: (hidden) => `и ещё ${hidden}`,
  currency: 'SOL',
  ...facts,
})

const aLine = { title: 'Profit', subtitle: '', points: [{ label: '1 Jan', value: '0.1' }], currency: 'SOL', note: '' }

const sizeOf = (png: Buffer | undefined) =>
  png && { isPng: png.subarray(1, 4).toString() === 'PNG', width: png.readUInt32BE(16), height: png.readUInt32BE(20) }

/** The worker threads that were started from now on and are alive. */
function workers() {
  const alive = new Set<Worker>()
  const note = (worker: Worker) => {
    alive.add(worker)
    worker.once('exit', () => alive.delete(worker))
  }
  process.on('worker', note)
  onTestFinished(() => void process.off('worker', note))
  return alive
}

describe('pictures', () => {
  test('are PNGs as wide as a phone shows them', async () => {
    const { pictures } = studio()
    expect(sizeOf(await pictures.vote(aVote()))).toMatchObject({ isPng: true, width: 1080 })
    expect(sizeOf(await pictures.performance(aLine))).toMatchObject({ isPng: true, width: 1080 })
  })

  test('of 200 stakes are no larger than those of eight and a line on the others', async () => {
    const { pictures } = studio()
    const stakes = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ name: `member ${index}`, amount: '0.1' }))
    const asked: number[] = []
    const more = (hidden: number) => {
      asked.push(hidden)
      return 'more'
    }
    const eight = sizeOf(await pictures.vote(aVote({ stakes: stakes(8), more })))!
    const many = sizeOf(await pictures.vote(aVote({ stakes: stakes(200), more })))!
    expect(asked).toEqual([192])
    expect(many.height).toBeGreaterThan(eight.height)
    expect(many.height - eight.height).toBeLessThan(100)
  })

  test('that come while too many wait are left out, and the others are drawn', async () => {
    const { pictures } = studio({ queue: 3 })
    const drawn = await Promise.all(Array.from({ length: 5 }, () => pictures.vote(aVote())))
    expect(drawn.map((one) => one !== undefined)).toEqual([true, true, true, false, false])
    expect(await pictures.vote(aVote())).toBeDefined()
  })

  test('that take too long are given up with their worker, and the next is drawn by another', async () => {
    const { pictures, limits, logged } = studio({ drawMs: 1 })
    expect(await pictures.vote(aVote())).toBeUndefined()
    expect(logged()).toContain('a picture was given up')
    limits.drawMs = 30_000
    expect(await pictures.vote(aVote())).toBeDefined()
  })

  test('that cannot be handed to the worker are left out, and the next is drawn', async () => {
    const { pictures, logged } = studio()
    const broken = { ...aLine, points: [{ label: '', value: (() => '') as unknown as string }] }
    expect(await pictures.performance(broken)).toBeUndefined()
    expect(logged()).toContain('a picture was given up')
    expect(await pictures.performance(aLine)).toBeDefined()
  })

  test('that cannot be drawn are left out, and the worker goes on', async () => {
    const { pictures, logged } = studio()
    expect(await pictures.vote(aVote({ counts: undefined as never }))).toBeUndefined()
    expect(logged()).toContain('a picture could not be drawn')
    expect(await pictures.vote(aVote())).toBeDefined()
  })

  test('are not drawn after the close, and those under way are given up', async () => {
    const { pictures } = studio()
    const underWay = pictures.vote(aVote())
    await pictures.close()
    expect(await underWay).toBeUndefined()
    expect(await pictures.vote(aVote())).toBeUndefined()
  })

  test('have a worker only until a minute after the last of them', async () => {
    const { pictures, clock } = studio()
    const alive = workers()
    await pictures.vote(aVote())
    await pictures.vote(aVote())
    const [first] = alive
    clock.advance(MINUTE - 1000)
    await pictures.vote(aVote())
    clock.advance(MINUTE - 1000)
    await pictures.vote(aVote())
    expect([...alive]).toEqual([first])
    clock.advance(MINUTE)
    await expect.poll(() => alive.size).toBe(0)
    expect(await pictures.vote(aVote())).toBeDefined()
    expect(alive.size).toBe(1)
  })

  test('have no worker before the first of them, nor after the close', async () => {
    const alive = workers()
    const { pictures } = studio()
    expect(alive.size).toBe(0)
    await pictures.vote(aVote())
    expect(alive.size).toBe(1)
    await pictures.close()
    expect(alive.size).toBe(0)
  })
})
