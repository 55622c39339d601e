// The parts of README.md and of the pages in docs/ that are generated: lists of reasons, of settings and of metrics.
// `npm run docs` writes them between `<!-- name:begin -->` and `<!-- name:end -->`; `documents.test.ts` holds the pages
// against what would be written.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gatewaySettings, partnerSettings, policySettings, type SettingAbout } from '../../src/config/describe.ts'
import { declareFigures } from '../../src/observe/figures.ts'
import { Metrics } from '../../src/observe/metrics.ts'
import type { Partner } from '../../src/policy/partner.ts'
import { PARTS, shownTo, shownToStrangers, shownWith } from '../../src/policy/shown.ts'
import type { Profile } from '../../src/trust/profiles/profile.ts'
import { PROFILE_NAMES, PROFILES } from '../../src/trust/profiles/profiles.ts'
import { reason, reasonIds } from '../../src/xmpp/reasons.ts'
import { documents, ROOT } from './sources.ts'

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

/** Where remote users are concerned, the other side is the user. */
const sideOf = (id: string, side: keyof typeof SIDES): string =>
  id.startsWith('SP-8') && side === 'theirs' ? 'the user' : SIDES[side]

/** The catalogue as tables, one for each hundred. */
function reasonsList(): string {
  const parts: string[] = []
  for (const [hundred, title] of Object.entries(HUNDREDS)) {
    const ids = reasonIds().filter((id) => id.startsWith(`SP-${hundred}`))
    if (ids.length === 0) continue
    parts.push(`## ${hundred}xx: ${title}`, '')
    parts.push('| reason | means | on whose side | what to do | they see |', '|---|---|---|---|---|')
    for (const id of ids) {
      const { name, means, side, act, stream, stanza } = reason(id)
      const seen = [stream && `stream: \`${stream}\``, stanza && `stanza: \`${stanza}\``].filter(Boolean).join(', ')
      parts.push(`| **${id}** ${name} | ${cell(means)} | ${sideOf(id, side)} | ${cell(act)} | ${seen} |`)
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

/** Settings as a table. */
function settingsList(settings: readonly SettingAbout[]): string {
  const rows = settings.map(({ path, about, default: value }) => {
    return `| \`${path}\` | ${value === undefined ? '' : `\`${cell(value)}\``} | ${cell(about)} |`
  })
  return ['| setting | default | |', '|---|---|---|', ...rows].join('\n')
}

const LINES: Readonly<Record<Exclude<keyof Profile, 'name' | 'about'>, string>> = {
  versions: 'TLS',
  suites: 'suites of TLS 1.3',
  olderSuites: 'suites of TLS 1.2',
  groups: 'groups for the keys, the first one preferred',
  signatures: 'signatures in the handshake',
  certificateSignatures: 'signatures of certificates',
  keys: 'keys in certificates',
  rsaBits: 'bits of an RSA key, at least',
  purposes: 'extended key usage, where a certificate has one',
  anchors: 'CAs that may vouch for partners',
  revocation: 'revocation, at least',
  reauthenticate: 'minutes after which names are proven anew, at most',
  dialback: 'dialback over TLS, where an entry says so',
  fips: 'provider of cryptography validated under FIPS 140',
  plaintextCore: 'core in plaintext, as a component',
  logServers: 'log servers, at least',
  notice: 'notice that administrators accept, where none is written',
}

/** The profiles side by side, and below each other with the source of every line. */
function profilesList(): string {
  const all = PROFILE_NAMES.map((name) => PROFILES[name])
  const keys = Object.keys(LINES).filter((key): key is keyof typeof LINES => key in LINES)
  const value = (profile: Profile, key: keyof typeof LINES): string => {
    const { is } = profile[key]
    if (typeof is === 'boolean') return is ? 'yes' : 'no'
    return cell(
      [is]
        .flat()
        .map((one) => `\`${one}\``)
        .join(' '),
    )
  }
  const rows = keys.map((key) => `| ${LINES[key]} | ${all.map((profile) => value(profile, key)).join(' | ')} |`)
  const table = [`| | ${all.map(({ name }) => `\`${name}\``).join(' | ')} |`, '|---|---|---|---|', ...rows]
  const sources = all.flatMap((profile) => [
    ['', `**\`${profile.name}\`** ${profile.about}`, '', '| line | source |', '|---|---|'],
    keys.map((key) => `| ${LINES[key]} | ${cell(profile[key].source)} |`),
  ])
  return [...table, ...sources.flat()].join('\n')
}

/** What is shown where nobody has written otherwise: whose class it is, or that they stand in no entry. */
const SHOWN: readonly (readonly [who: string, terms: Pick<Partner, 'class'> | undefined])[] = [
  ['`federated`, and classes of your own', { class: 'federated' }],
  ['`public-verified`', { class: 'public-verified' }],
  ['`public-unverified`', { class: 'public-unverified' }],
  ['in no entry, with mode `limited` or `open`', undefined],
]

function shownList(): string {
  const full = shownWith({ detail: 'full' })
  const rows = SHOWN.map(([who, terms]) => {
    const shown = (terms === undefined ? shownToStrangers({}) : shownTo(terms, {})) ?? full
    return `| ${who} | \`${shown.detail}\` | ${PARTS.map((part) => (shown[part] ? 'yes' : 'no')).join(' | ')} |`
  })
  return [`| who | detail | ${PARTS.join(' | ')} |`, `|---|---|${PARTS.map(() => '---|').join('')}`, ...rows].join('\n')
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

export const SECTIONS: Readonly<Record<string, () => string>> = {
  reasons: reasonsList,
  settings: () => settingsList(gatewaySettings()),
  partner: () => settingsList(partnerSettings()),
  policy: () => settingsList(policySettings()),
  metrics: metricsList,
  profiles: profilesList,
  shown: shownList,
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

if (import.meta.main) for (const { path, text } of documents()) writeFileSync(join(ROOT, path), withSections(text))
