import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type TcpProxy = {
  port: number
  /** Cuts the connection after what next contains the word was forwarded, or instead of forwarding it. */
  cutAt(word: string, when: 'before' | 'after'): void
  /** Swallows whatever the connections made so far carry, without closing them. Newer ones work. */
  freeze(): void
  close(): Promise<void>
}

/** Stands between a client and a server on this machine. */
export async function startTcpProxy(serverPort: number): Promise<TcpProxy> {
  let plan: { word: string; when: 'before' | 'after' } | undefined
  const sockets = new Set<Socket>()
  const proxy = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1')
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    server.on('close', () => client.destroy())
    client.on('close', () => server.end())
    server.on('data', (data) => client.write(data))
    client.on('data', (data) => {
      const cut = plan && data.includes(plan.word) ? plan.when : undefined
      if (cut !== 'before') server.write(data)
      if (!cut) return
      plan = undefined
      server.removeAllListeners('data')
      server.resume()
      client.destroy()
    })
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    port: (proxy.address() as AddressInfo).port,
    cutAt(word, when) {
      plan = { word, when }
    },
    freeze() {
      for (const socket of sockets) socket.removeAllListeners('data').resume()
    },
    async close() {
      proxy.close()
      for (const socket of sockets) socket.destroy()
      await once(proxy, 'close')
    },
  }
}
