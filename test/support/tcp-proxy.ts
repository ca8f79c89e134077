import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { systemClock } from '../../src/lib/clock.ts'

export type TcpProxy = {
  port: number
  /**
   * Cuts the connection after what next contains the word was forwarded, or instead of forwarding it: of all connections,
   * or of one that has carried something else first. Without a word, no more.
   */
  cutAt(word: string | undefined, when: 'before' | 'after', first?: string): void
  /** How often that was done. */
  cuts(): number
  /** Swallows whatever the connections made so far carry, and that one side closes them. Newer ones work. */
  freeze(): void
  /** Ends every connection there is. Newer ones work. */
  cutAll(): void
  /** From now on everything takes so much longer, in each direction; 0 as before. */
  delay(ms: number): void
  /** Nothing comes through any more, of newer connections either, until `thaw` lets through what has gathered. */
  hold(): void
  thaw(): void
  close(): Promise<void>
}

/** Stands between a client and a server on this machine. */
export async function startTcpProxy(serverPort: number): Promise<TcpProxy> {
  let plan: { word: string; when: 'before' | 'after'; first: string | undefined } | undefined
  let cuts = 0
  let delayMs = 0
  let isHeld = false
  const sockets = new Set<Socket>()
  /** Passes on in order, also while the delay changes. */
  const passer = (to: Socket) => {
    let waiting = 0
    let last: Promise<unknown> = Promise.resolve()
    return (data: Buffer) => {
      if (delayMs === 0 && waiting === 0) return void to.write(data)
      waiting++
      const until = Date.now() + delayMs
      last = last.then(async () => {
        await systemClock.sleep(Math.max(0, until - Date.now()))
        waiting--
        if (!to.destroyed) to.write(data)
      })
    }
  }
  const proxy = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1')
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    let carried: string | undefined
    const [toClient, toServer] = [passer(client), passer(server)]
    server.on('close', () => client.destroy())
    client.on('close', () => server.end())
    server.on('data', toClient)
    client.on('data', (data) => {
      const isIt = plan && data.includes(plan.word) && (plan.first === undefined || carried === plan.first)
      const cut = isIt ? plan!.when : undefined
      if (plan?.first !== undefined && data.includes(plan.first)) carried = plan.first
      if (cut !== 'before') toServer(data)
      if (!cut) return
      plan = undefined
      cuts++
      server.removeAllListeners('data')
      server.resume()
      client.destroy()
    })
    if (isHeld) for (const socket of [client, server]) socket.pause()
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const cutAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (proxy.address() as AddressInfo).port,
    cutAt(word, when, first) {
      plan = word === undefined ? undefined : { word, when, first }
    },
    cuts: () => cuts,
    freeze() {
      for (const socket of sockets) socket.removeAllListeners('data').removeAllListeners('close').resume()
    },
    cutAll,
    delay(ms) {
      delayMs = ms
    },
    hold() {
      isHeld = true
      for (const socket of sockets) socket.pause()
    },
    thaw() {
      isHeld = false
      for (const socket of sockets) socket.resume()
    },
    async close() {
      proxy.close()
      cutAll()
      await once(proxy, 'close')
    },
  }
}
