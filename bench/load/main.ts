import { generate } from './generate.ts'
import type { LoadJob } from './job.ts'

process.on('message', (job: LoadJob) => {
  generate(job).then(
    (result) => process.send!({ result }),
    (error: unknown) => process.send!({ error: String(error) }),
  )
})
