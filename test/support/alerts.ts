export type AlertRule = {
  alert: string
  expr: string
  for: string
  severity: string
  summary: string
  runbook: string
}

/**
 * Reads the one shape of YAML that our alerts are written in, and throws at every other line: so what is read here is read
 * alike by Prometheus.
 */
export function readAlerts(yaml: string): AlertRule[] {
  const found: Partial<AlertRule>[] = []
  let isFolded = false
  for (const [i, line] of yaml.split('\n').entries()) {
    const current = found.at(-1)
    const [, indent, isNew, key, value] = /^( *)(- )?(\w+):(?: (.*))?$/.exec(line) ?? []
    if (line.trim() === '' || line.startsWith('#') || /^(groups:| {2}- name: \w+| {4}rules:)$/.test(line))
      isFolded = false
    else if (isFolded && current && /^ {10}\S/.test(line)) current.expr = `${current.expr} ${line.trim()}`.trim()
    else if (isNew && key === 'alert' && indent?.length === 6) found.push({ alert: value! })
    else if (current && key === 'expr' && indent?.length === 8) {
      isFolded = value === '>-'
      current.expr = isFolded ? '' : plain(value!, i)
    } else if (current && /^( {8}for| {10}(severity|summary|runbook))$/.test(`${indent}${key}`)) {
      isFolded = false
      current[key as 'for'] = plain(value!, i)
    } else if (!/^ {8}(labels|annotations):$/.test(line)) throw new Error(`line ${i + 1} is not understood: ${line}`)
  }
  return found.map(complete)
}

/** An unquoted text must not begin or go on like another thing of YAML. */
function plain(value: string, line: number): string {
  // What is escaped would have to be read as Prometheus reads it.
  const [, quoted] = /^"([^"\\]*)"$/.exec(value) ?? []
  if (quoted !== undefined) return quoted
  if (/^[\s'"{[&*!|>%@`#-]|: | #|:$/.test(value)) throw new Error(`line ${line + 1} should be quoted: ${value}`)
  return value
}

function complete(rule: Partial<AlertRule>): AlertRule {
  for (const key of ['alert', 'expr', 'for', 'severity', 'summary', 'runbook'] as const)
    if (!rule[key]) throw new Error(`${rule.alert} has no ${key}`)
  return rule as AlertRule
}
