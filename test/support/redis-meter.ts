import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type RedisMeter = {
  port: number
  /** Every command that a client sent since the last `reset`, by name; what a script does inside the server is none. */
  counts(): Map<string, number>
  total(): number
  reset(): void
  /** Connections now, and the most there ever were. */
  connections: { now: number; most: number }
  /** Ends every connection, as hosts do with those that were silent for long. */
  hangUp(): void
  close(): Promise<void>
}

/** Stands in front of a Redis server and counts what clients ask of it. */
export async function startRedisMeter(serverPort: number): Promise<RedisMeter> {
  const commands: string[] = []
  const connections = { now: 0, most: 0 }
  const clients = new Set<Socket>()
  const proxy = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1')
    clients.add(client)
    connections.now += 1
    connections.most = Math.max(connections.most, connections.now)
    const read = commandReader((name) => commands.push(name))
    client.on('data', (data) => {
      read(data)
      server.write(data)
    })
    server.on('data', (data) => client.write(data))
    client
      .on('error', () => undefined)
      .on('close', () => {
        clients.delete(client)
        connections.now -= 1
        server.end()
      })
    server.on('error', () => undefined).on('close', () => client.destroy())
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    port: (proxy.address() as AddressInfo).port,
    counts() {
      const counts = new Map<string, number>()
      for (const name of commands) counts.set(name, (counts.get(name) ?? 0) + 1)
      return counts
    },
    total: () => commands.length,
    reset: () => void commands.splice(0),
    connections,
    hangUp() {
      for (const client of clients) client.end()
    },
    async close() {
      proxy.close()
      for (const client of clients) client.destroy()
      await once(proxy, 'close')
    },
  }
}

/** Reads requests (an array of bulk strings each) from however they are cut into pieces, and tells each one's first word. */
function commandReader(tell: (name: string) => void): (data: Buffer) => void {
  let rest = Buffer.alloc(0)
  return (data) => {
    rest = Buffer.concat([rest, data])
    for (let request = firstRequest(rest); request; request = firstRequest(rest)) {
      tell(request.name)
      rest = rest.subarray(request.end)
    }
  }
}

function firstRequest(data: Buffer): { name: string; end: number } | undefined {
  const header = lineAt(data, 0)
  if (!header) return undefined
  if (!header.text.startsWith('*')) throw new Error(`no request of Redis begins with ${header.text}`)
  let at = header.end
  let name = ''
  for (let left = Number(header.text.slice(1)); left > 0; left--) {
    const length = lineAt(data, at)
    if (!length) return undefined
    const end = length.end + Number(length.text.slice(1))
    if (end + 2 > data.length) return undefined
    name ||= data.toString('utf8', length.end, end).toUpperCase()
    at = end + 2
  }
  return { name, end: at }
}

function lineAt(data: Buffer, from: number): { text: string; end: number } | undefined {
  const end = data.indexOf('\r\n', from)
  return end < 0 ? undefined : { text: data.toString('latin1', from, end), end: end + 2 }
}
