import { openLine } from './load/http-client.ts'

type To = { ports: readonly number[]; path: string; headers: Readonly<Record<string, string>> }

/** Posts the updates, several at once, again while the bot asks for it. Throws where one is refused. */
export async function postAll({ ports, path, headers }: To, bodies: readonly string[], atOnce = 32): Promise<void> {
  let next = 0
  const workers = Array.from({ length: Math.min(atOnce, bodies.length) }, async (_, n) => {
    const line = await openLine(ports[n % ports.length]!, path, headers)
    while (next < bodies.length) {
      const body = bodies[next++]!
      let status = await line.post(body)
      for (let attempt = 0; status === 503 && attempt < 50; attempt++) {
        await new Promise((resolve) => setTimeout(resolve, 100))
        status = await line.post(body)
      }
      if (status !== 200) throw new Error(`an update was answered ${status}`)
    }
    line.close()
  })
  await Promise.all(workers)
}
