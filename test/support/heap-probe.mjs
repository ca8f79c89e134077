// Loaded into a bot before it starts (`node --expose-gc --import …`): tells, when asked by SIGUSR2, what the process holds
// after a collection.
process.on('SIGUSR2', () => {
  for (let n = 0; n < 4; n++) globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  const resources = process.getActiveResourcesInfo()
  const count = (kind) => resources.filter((one) => one === kind).length
  const timers = count('Timeout')
  const facts = { heapUsed, external, timers, handles: resources.length - timers, resources: resources.join(' ') }
  process.stdout.write(`${JSON.stringify({ level: 0, msg: 'heap', ...facts })}\n`)
})
