// The parts of README.md that are generated: lists of reasons, of settings and of metrics. `npm run docs` writes them between
// `<!-- name:begin -->` and `<!-- name:end -->`; `documents.test.ts` holds README against what would be written.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gatewaySettings } from '../../src/config/describe.ts'
import { declareFigures } from '../../src/observe/figures.ts'
import { Metrics } from '../../src/observe/metrics.ts'
import { reason, reasonIds } from '../../src/xmpp/reasons.ts'
import { ROOT } from './sources.ts'

export const README = join(ROOT, 'README.md')

const HUNDREDS: Readonly<Record<string, string>> = {
  1: 'Policy',
  2: 'DNS and connection',
  3: 'TLS and certificates',
  4: 'Stream and authentication',
  5: 'Stanzas',
  6: 'Limits',
  7: 'Records',
  8: 'Remote users',
  9: 'Configuration and administration',
}

const SIDES = { ours: 'us', theirs: 'the partner', core: 'the core', network: 'the network' } as const

/** The catalogue as tables, one for each hundred. */
function reasonsList(): string {
  const parts: string[] = []
  for (const [hundred, title] of Object.entries(HUNDREDS)) {
    const ids = reasonIds().filter((id) => id.startsWith(`SP-${hundred}`))
    if (ids.length === 0) continue
    parts.push(`### ${hundred}xx: ${title}`, '')
    parts.push('| reason | means | on whose side | what to do | they see |', '|---|---|---|---|---|')
    for (const id of ids) {
      const { name, means, side, act, stream, stanza } = reason(id)
      const seen = [stream && `stream: \`${stream}\``, stanza && `stanza: \`${stanza}\``].filter(Boolean).join(', ')
      parts.push(`| **${id}** ${name} | ${cell(means)} | ${SIDES[side]} | ${cell(act)} | ${seen} |`)
    }
    parts.push('')
  }
  return parts.join('\n').trim()
}

/** The metrics as a table. */
function metricsList(): string {
  const metrics = new Metrics()
  declareFigures(metrics)
  const rows = metrics.declarations().map(({ name, type, help, labels }) => {
    const shown = type === 'counter' ? `${name}_total` : name
    return `| \`${shown}\` | ${labels.map((label) => `\`${label}\``).join(' ')} | ${cell(help)} |`
  })
  return ['| metric | labels | |', '|---|---|---|', ...rows].join('\n')
}

/** The settings as a table. */
function settingsList(): string {
  const rows = gatewaySettings().map(({ path, about, default: value }) => {
    return `| \`${path}\` | ${value === undefined ? '' : `\`${cell(value)}\``} | ${cell(about)} |`
  })
  return ['| setting | default | |', '|---|---|---|', ...rows].join('\n')
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

export const SECTIONS: Readonly<Record<string, () => string>> = {
  reasons: reasonsList,
  settings: settingsList,
  metrics: metricsList,
}

/** The text with every generated section that it has markers for written anew. */
export function withSections(text: string): string {
  let written = text
  for (const [name, list] of Object.entries(SECTIONS)) {
    const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`]
    const [from, to] = [written.indexOf(begin), written.indexOf(end)]
    if (from === -1 || to < from) continue
    written = `${written.slice(0, from + begin.length)}\n\n${list()}\n\n${written.slice(to)}`
  }
  return written
}

if (import.meta.main) writeFileSync(README, withSections(readFileSync(README, 'utf8')))
