// What entries come of the lists of domains of Skype for Business (and Lync): Get-CsAllowedDomain, Get-CsBlockedDomain and
// Get-CsXmppAllowedPartner. Names of properties and their defaults: Microsoft's reference of these commands.

import { PARTNER_CLASS } from '../config/partner-values.ts'
import { CONNECTIONS } from '../config/sending-schema.ts'
import { DOMAIN, HOST } from '../config/values.ts'
import { floorOf } from './negotiation.ts'
import { flagOf, wordOf, wordsOf, type Reading, type Values } from './reading.ts'

export function allowedDomain(values: Values): Reading {
  const domain = domainOf(values)
  if (domain === undefined) return { left: noDomain(values) }
  const proxy = wordOf(values, 'ProxyFqdn')
  const kind = levelKind(values['VerificationLevel'])
  const notes = [
    ...(proxy === undefined ? [] : ['ProxyFqdn names a SIP server; the XMPP server is found by DNS']),
    ...(flagOf(values, 'MarkForMonitoring') === true
      ? [
          'MarkForMonitoring: there is no Monitoring Server here; `status`, the log and the metrics tell of every partner',
        ]
      : []),
    ...kind.notes,
  ]
  return { domain, fields: { ...kind.fields, ...notesOf(wordOf(values, 'Comment')) }, notes }
}

export function blockedDomain(values: Values): Reading {
  const domain = domainOf(values)
  if (domain === undefined) return { left: noDomain(values) }
  const reason = wordOf(values, 'Comment')?.replaceAll(UNPRINTABLE, ' ').replaceAll(/\s+/g, ' ').trim()
  return { domain, fields: { status: 'blocked', ...(reason ? { reason: reason.slice(0, MOST_REASON) } : {}) } }
}

export function xmppPartner(values: Values): Reading {
  const domain = domainOf(values)
  if (domain === undefined) return { left: noDomain(values) }
  const floor = floorOf(values)
  if (floor.authentication === undefined) return { domain, ...floor }
  const type = wordOf(values, 'PartnerType') ?? 'PublicUnverified'
  const kind = type === 'Federated' ? OPEN : classOf(type, `PartnerType ${type}`)
  const further = namesOf(values, 'AdditionalDomains')
  const names = [...new Set(further.names)].filter((name) => name !== domain)
  const proxy = wordOf(values, 'ProxyFqdn')
  const host = proxy === undefined ? undefined : HOST.read(proxy)
  const connections = connectionsOf(wordOf(values, 'ConnectionLimit'))
  const notes = [
    ...(floor.note === undefined ? [] : [floor.note]),
    ...kind.notes,
    ...further.odd.map((words) => `AdditionalDomains: ${words}`),
    ...(proxy !== undefined && host === undefined ? [`ProxyFqdn "${proxy}" is no host name`] : []),
    ...connections.notes,
    ...(flagOf(values, 'EnableKeepAlive') === false
      ? ['EnableKeepAlive False: a silent peer is asked here all the same']
      : []),
  ]
  const fields = {
    ...kind.fields,
    authentication: floor.authentication,
    ...(names.length === 0 ? {} : { alsoKnownAs: names }),
    ...(host === undefined ? {} : { connect: [{ host, port: 5269 }] }),
    ...connections.fields,
    ...notesOf(wordOf(values, 'Description')),
  }
  return { domain, fields, ...(connections.fields['limits'] === undefined ? {} : { partial: ['limits'] }), notes }
}

/** How many streams a partner may have open to us. None, and more than can be, was there to say something else. */
function connectionsOf(written: string | undefined): Kind {
  if (written === undefined) return { fields: {}, notes: [] }
  const said = `ConnectionLimit ${written.slice(0, MOST_SHOWN)}`
  const asked = /^\d{1,9}$/.test(written) ? Number(written) : 0
  if (asked === 0) return { fields: {}, notes: [`${said} is no number of connections, and not carried over`] }
  const { least, most } = CONNECTIONS
  const connections = Math.max(least, Math.min(asked, most))
  const isSame = connections === asked
  const why = asked < least ? ', as one stream can follow another only beside it' : ', which is the most there may be'
  return {
    fields: { limits: { connections } },
    notes: isSame ? [] : [`${said}: limits.connections is ${connections}${why}`],
  }
}

interface Kind {
  readonly fields: Readonly<Record<string, unknown>>
  readonly notes: readonly string[]
}

const OPEN: Kind = { fields: { status: 'allowed' }, notes: [] }

const CLASSES: ReadonlyMap<string, string> = new Map([
  ['PublicVerified', 'public-verified'],
  ['PublicUnverified', 'public-unverified'],
])

/** SECURITY: what was not open to everybody does not become so because we have no class for it. */
function classOf(type: string, what: string): Kind {
  const name = CLASSES.get(type)
  const known = name === undefined ? undefined : PARTNER_CLASS.read(name)
  if (known !== undefined) return { fields: { status: 'allowed', class: known }, notes: [] }
  const note = `${what} is less than federated, and there is no class for that here: the entry is pending and admits nothing until you allow it`
  return { fields: { status: 'pending' }, notes: [note] }
}

// Whoever has proven its domain vouches for its users: UseSourceVerification asks for no more.
const OPEN_LEVELS: ReadonlySet<string> = new Set(['', 'alwaysverifiable', 'usesourceverification'])

/** SECURITY: a level that is not understood opens nothing. */
function levelKind(value: unknown): Kind {
  const written = typeof value === 'string' ? value.trim() : JSON.stringify(value ?? '')
  const level = written === '""' ? '' : written.toLowerCase()
  if (OPEN_LEVELS.has(level)) return OPEN
  if (level === 'alwaysunverifiable') return classOf('PublicUnverified', `VerificationLevel ${written}`)
  const what = `VerificationLevel ${written.slice(0, MOST_SHOWN)} is not known`
  const note = `${what} (ConvertTo-Json writes numbers for words: take Export-Csv or Export-Clixml): the entry is pending and admits nothing until you allow it`
  return { fields: { status: 'pending' }, notes: [note] }
}

const MOST_SHOWN = 100

const domainOf = (values: Values): string | undefined =>
  DOMAIN.read(wordOf(values, 'Domain') ?? wordOf(values, 'Identity') ?? '')

function noDomain(values: Values): string {
  const written = wordOf(values, 'Domain') ?? wordOf(values, 'Identity') ?? ''
  const lost = written.includes('?') ? ' (a ? may stand for a letter: export it with -Encoding UTF8)' : ''
  return `"${written}" is no domain that XMPP can have${lost}`
}

// oxlint-disable-next-line no-control-regex -- this is what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g
const MOST_REASON = 1000
const MOST_NOTES = 4000

/** A comment, of which the lines stay. */
function notesOf(text: string | undefined): { readonly notes?: string } {
  const lines = text?.split(/\r\n|[\r\n\u2028\u2029]/).map((line) => line.replaceAll(UNPRINTABLE, ' '))
  const notes = lines?.join('\n').slice(0, MOST_NOTES)
  return notes === undefined ? {} : { notes }
}

function namesOf(values: Values, key: string): { readonly names: readonly string[]; readonly odd: readonly string[] } {
  const { words, odd } = wordsOf(values, key)
  if (words.some((text) => /^(?:System|Microsoft)\./.test(text))) return { names: [], odd: [ONLY_THE_TYPE] }
  const read = words.map((text) => [text, DOMAIN.read(text)] as const)
  const wrong = read.flatMap(([text, name]) => (name === undefined ? [JSON.stringify(text)] : []))
  return {
    names: read.flatMap(([, name]) => name ?? []),
    odd: [...wrong, ...odd].map((text) => `${text} is no domain`),
  }
}

const ONLY_THE_TYPE =
  'Export-Csv writes the type of a list and not what is in it; take Export-Clixml, or add them with `partner set … --also`'
