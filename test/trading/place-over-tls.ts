import { anExecutor, aRequest } from '../support/webhook-world.ts'

/** A process that trusts what NODE_EXTRA_CA_CERTS names, and places one order. It says what came of it. */
const executor = anExecutor(process.argv[2]!, { timeoutMs: 30_000 })
const outcome = await executor
  .place(aRequest({ id: process.argv[3]! }))
  .catch((error: Error) => ({ state: error.name }))
process.stdout.write(outcome.state)
