import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { MINUTE } from '../../src/lib/clock.ts'
import type { Evidence } from './evidence.ts'
import type { Setting, Store } from './plan.ts'
import { complaintsText, countsOf, countsText, summaryOf } from './report.ts'
import { runSeed } from './run.ts'

// npm run chaos -- --minutes 60 | --seeds 1-20 | --seed 7, with --store redis|postgres|embedded, --parallel 2, --groups 24,
// --intake webhook|polling, --keep folder (for what the bots of a failed seed said)

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    seed: { type: 'string' },
    seeds: { type: 'string' },
    store: { type: 'string', default: 'redis' },
    intake: { type: 'string' },
    groups: { type: 'string' },
    parallel: { type: 'string', default: '1' },
    keep: { type: 'string' },
  },
})

// Ends with everything that was started for it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const stores = values.store.split(',') as Store[]
const [first, last] = range()
const until = values.minutes === undefined ? undefined : Date.now() + Number(values.minutes) * MINUTE
const total: Record<string, number> = {}
const failed: string[] = []
let passed = 0
let next = first

function range(): [number, number] {
  if (values.seed !== undefined) return [Number(values.seed), Number(values.seed)]
  const [from, to] = (values.seeds ?? '').split('-').map(Number)
  if (from) return [from, to ?? from]
  // A soak begins somewhere else each time, and says where.
  const start = Math.floor(Date.now() / 1000) % 1_000_000
  return [start, values.minutes === undefined ? start : Number.POSITIVE_INFINITY]
}

async function work(): Promise<void> {
  while (next <= last && (until === undefined || Date.now() < until)) {
    const seed = next++
    for (const store of stores) await one(seed, store)
  }
}

async function one(seed: number, store: Store): Promise<void> {
  const beganAt = Date.now()
  const wish = { seed, store, intake: values.intake as Setting['intake'] | undefined }
  const { evidence, complaints } = await runSeed({ ...wish, groups: values.groups ? Number(values.groups) : undefined })
  for (const [kind, count] of Object.entries(countsOf(evidence))) total[kind] = (total[kind] ?? 0) + count
  const seconds = Math.round((Date.now() - beganAt) / 1000)
  console.log(`${complaints.length === 0 ? 'PASS' : 'FAIL'} (${seconds} s) ${summaryOf(evidence)}`)
  if (complaints.length === 0) passed++
  else {
    failed.push(`--seed ${seed} --store ${store}`)
    console.log(complaintsText(evidence, complaints))
    if (values.keep !== undefined) keep(`${values.keep}/${store}-${seed}`, evidence)
  }
}

function keep(dir: string, { lives, startedAt, deeds, breakages, records }: Evidence): void {
  mkdirSync(dir, { recursive: true })
  for (const { place, pid, log } of lives)
    writeFileSync(`${dir}/bot-${place}-${pid}.log`, log.map((line) => JSON.stringify(line)).join('\n'))
  writeFileSync(`${dir}/evidence.json`, JSON.stringify({ startedAt, deeds, breakages, records }, undefined, 1))
}

await Promise.all(Array.from({ length: Number(values.parallel) }, work))
console.log(`\n${passed} passed, ${failed.length} failed${failed.map((one) => `\n  npm run chaos -- ${one}`).join('')}`)
console.log(`Broken in all: ${countsText(total)}`)
process.exit(failed.length === 0 ? 0 : 1)
