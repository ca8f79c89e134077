/** The samples of Prometheus' text format: by name and labels as they are written. Throws at a line that is none. */
export function samplesIn(text: string): Map<string, number> {
  const samples = new Map<string, number>()
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('# ')) continue
    const parts = /^([a-z_]+(?:\{[a-z_]+="[^"\n]*"(?:,[a-z_]+="[^"\n]*")*\})?) (-?\d[\d.e+-]*|\+Inf|NaN)$/.exec(line)
    if (!parts) throw new Error(`this is no sample: ${line}`)
    if (samples.has(parts[1]!)) throw new Error(`this is there twice: ${line}`)
    samples.set(parts[1]!, Number(parts[2]))
  }
  return samples
}
