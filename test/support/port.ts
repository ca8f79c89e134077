import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

const canListen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

/** A server may begin to listen long after it was given its port. */
const given = new Set<number>()

/**
 * A port that nothing listens on, and that nobody else here was given. It lies below those that the system gives to outgoing connections, of which one could
 * otherwise take it before it is used, and so does a Redis Cluster's second one, 10,000 above.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(18_000, 22_700)
    if (given.has(port)) continue
    given.add(port)
    if (await canListen(port)) return port
  }
}
