import { SECOND, within } from '../lib/clock.ts'

/** What it needs of node-redis' client of a Cluster. */
type ClusterClient = {
  masters: { address: string; client?: { isReady: boolean; ping(): Promise<unknown> } | undefined }[]
  /** Declared by the library, though with an underscore: nothing else makes it look again. */
  _slots: {
    slots: readonly unknown[]
    rediscover(startWith: undefined, excluded: Set<string>): Promise<void>
  }
}

const SILENT_AFTER_MS = SECOND / 2

/**
 * Asks the nodes that answer who has the slots of those that do not, and those of nobody. A frozen node's connection is as
 * good as new to the client, which would follow its replica only after the node itself had said so.
 */
export async function leaveSilentNodes(cluster: ClusterClient): Promise<void> {
  const silent = new Set<string>()
  const listen = async ({ address, client }: ClusterClient['masters'][number]) => {
    if (client?.isReady && (await isSilent(() => client.ping()))) silent.add(address)
  }
  await Promise.all(cluster.masters.map(listen))
  const { slots } = cluster._slots
  // By index: what was never set is skipped by every method of a list.
  const isWhole = Array.from(slots, (shard) => shard !== undefined).every(Boolean)
  if (silent.size > 0 || !isWhole) await cluster._slots.rediscover(undefined, silent)
}

/** Neither an answer nor a broken connection. */
const isSilent = (ask: () => Promise<unknown>): Promise<boolean> =>
  within(SILENT_AFTER_MS, undefined, (limit) =>
    Promise.race([
      new Promise<boolean>((resolve) => limit.addEventListener('abort', () => resolve(true))),
      ask().then(
        () => false,
        () => false,
      ),
    ]),
  )
