import { describe, expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../src/lib/clock.ts'
import { runsPostgres } from '../support/postgres.ts'
import { runsRedis } from '../support/redis.ts'
import { startRedisCluster, startRedisSentinels } from '../support/redis-topology.ts'
import { failoverScene } from './failover-scene.ts'

const isSkipped = !runsRedis() || !runsPostgres()

describe.skipIf(isSkipped)('people vote while', () => {
  test('a Redis Cluster changes in every way that it can', { timeout: 4 * MINUTE }, async (t) => {
    const cluster = await startRedisCluster()
    const it = await failoverScene(t, cluster, { webhook: true, groups: 6, bots: 2 })
    const stop = it.load()
    await it.allCount()
    const report: Record<string, { backMs: number; lost: number }> = {}
    const survived = async (what: string, isLossless: boolean, tookMs?: number) => {
      const backMs = tookMs ?? (await it.allCount(30 * SECOND))
      await cluster.whole()
      report[what] = { backMs, lost: await it.lost() }
      if (isLossless) expect(report[what]!.lost).toBe(0)
    }
    const masterOfOne = () => cluster.masterOf(`session:chat:${it.tables[0]!.group.id}`)

    const killed = await masterOfOne()
    await killed.kill()
    const afterKill = await it.allCount(30 * SECOND)
    await killed.restart()
    await survived('a master is killed, and comes back as a replica', false, afterKill)

    await (await cluster.replicaOf(await masterOfOne())).cli('CLUSTER', 'FAILOVER')
    await survived('a replica takes over by hand', true)

    const silent = await masterOfOne()
    silent.pause()
    const afterSilence = await it.allCount(30 * SECOND)
    silent.resume()
    await survived('a master falls silent, and speaks again', false, afterSilence)

    const former = await masterOfOne()
    const added = await cluster.addServer()
    const keys = it.tables.slice(0, 2).map(({ group }) => `session:chat:${group.id}`)
    const ids = await Promise.all(keys.map((key) => cluster.get(key)))
    const here = [...keys, ...ids.map((id) => `session:${id}`)]
    for (const key of here) await cluster.moveSlot(key, added)
    await survived('everything moves to a new node', true)
    for (const key of here) await cluster.moveSlot(key, former)
    await cluster.removeServer(added)
    await survived('and back, and the node goes', true)

    await stop()
    console.log('a Cluster:', report)
    await it.allDecided()
  })

  test('the master behind Sentinels changes in every way that it can', { timeout: 4 * MINUTE }, async (t) => {
    const group = await startRedisSentinels()
    const it = await failoverScene(t, group, { groups: 3, bots: 1 })
    const stop = it.load()
    await it.allCount()
    const report: Record<string, { backMs: number; lost: number }> = {}
    const survived = async (what: string, tookMs?: number) => {
      const backMs = tookMs ?? (await it.allCount(30 * SECOND))
      await group.whole()
      report[what] = { backMs, lost: await it.lost() }
    }

    const killed = await group.masterOf('')
    await killed.kill()
    const afterKill = await it.allCount(30 * SECOND)
    await killed.restart()
    await survived('the master is killed, and comes back as a replica', afterKill)

    await group.sentinels[0]!.cli('SENTINEL', 'FAILOVER', group.name)
    await survived('the sentinels change the master by hand')

    await group.sentinels[1]!.kill()
    await survived('a sentinel dies')
    await group.sentinels[1]!.restart()

    const silent = await group.masterOf('')
    silent.pause()
    const afterSilence = await it.allCount(30 * SECOND)
    // For a moment there are two masters.
    silent.resume()
    await survived('the master falls silent, and speaks again', afterSilence)

    await stop()
    console.log('behind Sentinels:', report)
    await it.allDecided()
  })
})
