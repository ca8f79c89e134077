/** How the server keeps what it is given; undefined where it does not tell, as hosted ones may not. */
export type ServerFacts = {
  appendOnly: string | undefined
  appendFsync: string | undefined
  evictionPolicy: string | undefined
}

type Asked = { send(args: string[]): Promise<unknown> }

/** Asks what it may be asked. */
export async function inspect(link: Asked): Promise<ServerFacts> {
  const facts = new Map<string, string>()
  const ask = async (args: string[], read: (reply: unknown) => Iterable<[string, string]>) => {
    try {
      for (const [name, value] of read(await link.send(args))) facts.set(name, value)
    } catch {
      // Hosted servers forbid CONFIG, and some INFO: what they do not tell stays unknown.
    }
  }
  for (const name of ['appendonly', 'appendfsync', 'maxmemory-policy']) await ask(['CONFIG', 'GET', name], pairs)
  if (facts.size === 0) await ask(['INFO'], infoLines)
  const aof = facts.get('aof_enabled')
  return {
    appendOnly: facts.get('appendonly') ?? (aof === undefined ? undefined : aof === '1' ? 'yes' : 'no'),
    appendFsync: facts.get('appendfsync'),
    evictionPolicy: facts.get('maxmemory-policy') ?? facts.get('maxmemory_policy'),
  }
}

const pairs = (reply: unknown): [string, string][] =>
  Array.isArray(reply) && reply.length >= 2 ? [[String(reply[0]), String(reply[1])]] : []

const infoLines = (reply: unknown): [string, string][] =>
  String(reply)
    .split(/\r?\n/)
    .map((line) => line.split(':', 2))
    .filter((pair): pair is [string, string] => pair.length === 2)
