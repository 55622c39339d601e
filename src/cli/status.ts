// `sallyport status`: what runs, in tables. What is wrong comes first and loudest.

import { status } from '../admin/status.ts'
import type { StatusOutput } from '../admin/schemas.ts'
import { EXIT, type Command } from './command.ts'
import { showFindings } from './findings.ts'
import { tone, type Cell, type Output } from './output.ts'
import { showConducts } from './partner-conduct.ts'
import { showPending } from './partner-pending.ts'
import { showPartnerSending } from './status-partner.ts'
import { showSessions } from './status-remote.ts'
import { bytes, count, duration, matchText } from './text.ts'

export const statusCommand: Command = {
  name: 'status',
  about: 'Show what runs: domains, listeners, streams and how they were authenticated, queues, limits.',
  options: {
    limits: { about: 'List the limits in force too.' },
    partner: { value: 'DOMAIN', about: 'Show how it stands with the limits of this partner, and nothing else.' },
  },
  notes: ['Exit code 1: the files on disk are faulty, or a domain of ours has no certificate.'],
  async run({ ask, output, now, arguments: words }) {
    const state = await ask(status, { partner: words.option('partner') })
    output.answer(state.partner ?? state, () => {
      if (state.partner) showPartnerSending(output, state.partner)
      else show(output, state, now(), words.flag('limits'))
    })
    if (state.partner) return EXIT.fine
    const faulty = state.findings.some(({ severity }) => severity === 'error')
    return faulty || state.domains.some(({ certificate }) => certificate === undefined) ? EXIT.finding : EXIT.fine
  },
}

/** Of those that wait, and of those that misbehaved. */
const MOST_PENDING = 10

const SOON_MS = 21 * 86_400_000

function show(output: Output, state: StatusOutput, now: number, limits: boolean): void {
  output.line(
    tone('strong', `Sallyport ${state.version}`),
    ` on Node ${state.node}, process ${state.pid}, up ${duration(now - Date.parse(state.since))}, in ${state.directory}`,
  )
  if (state.evaluation)
    output.line(tone('careful', 'This is an evaluation set-up: its certificates prove nothing to anybody else.'))
  if (state.findings.length > 0) {
    const faulty = state.findings.some(({ severity }) => severity === 'error')
    output.heading(
      faulty ? 'THE FILES ON DISK ARE FAULTY: older settings are in force until this is mended' : 'Warnings',
    )
    showFindings(output, state.findings)
  }
  if (state.needsRestart.length > 0)
    output.line(
      tone('careful', `Changed in gateway.yaml, and in force after a restart: ${state.needsRestart.join(', ')}`),
    )
  const { state: service, since } = state.service
  if (service !== 'serving')
    output.line(
      tone(
        'careful',
        `OUT OF SERVICE: ${service}${since === undefined ? '' : ` since ${duration(now - Date.parse(since))}`}; \`sallyport drain --undo\` takes it back`,
      ),
    )
  output.heading('Listeners')
  output.table(
    ['for', 'address', 'TLS'],
    state.listeners.map(({ name, address, tls }) => [name, address, tls]),
  )
  output.heading('Our domains')
  output.table(
    ['domain', 'certificate until', 'issued by', 'key'],
    state.domains.map((own) => [own.domain, ...certificateCells(own.certificate, now)]),
  )
  output.line()
  output.facts([
    ['core', coreCell(state.core)],
    ['partners', `${state.partners} in the list`],
    ['profile', profileCell(state.cryptography)],
    [
      'since start',
      `${state.totals.passed} stanzas passed, ${state.totals.refused} refused, ${count(state.totals.closed, 'stream')} closed`,
    ],
    ['waiting', queuesCell(state)],
    ['under way', underWayCell(state)],
    ['sending', sendingCell(state.sending)],
    ['dialback', dialbackCell(state.dialback)],
    ['records', recordsCell(state.records)],
    ['remembered', ledgersCell(state.ledgers)],
    ['known', relationsCell(state.relations)],
    ['groups', groupsCell(state.groups)],
    ['log servers', logServersCell(state.logServers)],
  ])
  showOpenKeys(output, state)
  showMisconduct(output, state, now)
  showPending(output, state.pending.domains.slice(0, MOST_PENDING), state.pending)
  showStreams(output, state, now)
  showSessions(output, state, now)
  showLinks(output, state, now)
  if (!limits) return
  output.heading('Limits in force')
  output.table(
    ['limit', 'value'],
    Object.entries(state.limits).map(([name, value]) => [name, value]),
  )
}

function coreCell({ protocol, address, components }: StatusOutput['core']): Cell {
  if (!components) return `${protocol} ${address}`
  const { wanted, up } = components
  const text = `${protocol} ${address}, ${up} of ${count(wanted, 'connection')} up`
  return up < wanted ? tone('bad', text) : text
}

function profileCell({ profile, fips, deviations }: StatusOutput['cryptography']): Cell {
  const text = `${profile}, on ${fips.detail}`
  return deviations.length > 0 ? tone('bad', `${text}. IT DEVIATES: ${deviations.join('; ')}`) : text
}

function certificateCells(certificate: StatusOutput['domains'][number]['certificate'], now: number): Cell[] {
  if (certificate === undefined) return [tone('bad', 'NONE: `sallyport check` says why')]
  const left = Date.parse(certificate.notAfter) - now
  const until = certificate.notAfter.slice(0, 10)
  const cell =
    left < 0
      ? tone('bad', `${until} EXPIRED`)
      : left < SOON_MS
        ? tone('careful', `${until}, in ${duration(left)}`)
        : until
  return [cell, certificate.issuer, certificate.key]
}

function dialbackCell({ offered, underWay }: StatusOutput['dialback']): Cell {
  if (!offered) return undefined
  return `offered, since a partner may prove itself by it; ${count(underWay, 'claim')} under way`
}

function groupsCell(groups: StatusOutput['groups']): Cell {
  if (groups.length === 0) return undefined
  const stale = groups.filter(({ reason }) => reason !== undefined)
  const members = groups.reduce((sum, one) => sum + (one.members ?? 0), 0)
  const text = `${count(groups.length, 'group')} of directories, ${count(members, 'member')}`
  if (stale.length === 0) return text
  return tone('bad', `${text}. NOT READ ANY MORE: ${stale.map(({ name, reason }) => `${name} (${reason})`).join(', ')}`)
}

function logServersCell(servers: StatusOutput['logServers']): Cell {
  if (servers.length === 0) return undefined
  const lost = servers.reduce((sum, one) => sum + one.lost, 0)
  const left = lost > 0 ? `, ${count(lost, 'line')} lost to them` : ''
  const away = servers.filter(({ isUp }) => !isUp)
  if (away.length === 0) return lost > 0 ? tone('careful', `${servers.length} up${left}`) : `${servers.length} up`
  const named = away.map((one) => `${one.server} (${one.detail ?? ''}; ${count(one.waiting, 'line')} waiting)`)
  return tone('bad', `${servers.length - away.length} up${left}. AWAY: ${named.join(', ')}`)
}

function recordsCell({ written, waiting, skipped, lost }: StatusOutput['records']): Cell {
  const left = skipped > 0 ? `, ${skipped} of what passed left out` : ''
  const text = `${written} written, ${waiting} waiting, ${lost} lost${left}`
  return lost > 0 ? tone('bad', text) : text
}

/** All that waits, and the partners for whom most does. */
function sendingCell({ senders, recipients, requests, waiting, smoothed }: StatusOutput['sending']): Cell {
  const asked = requests === 0 ? '' : `, ${count(requests, 'request')} for presence unanswered`
  const measured = `${count(senders, 'sender')} measured, ${count(recipients, 'recipient')} of today${asked}`
  const text = smoothed === 0 ? measured : `${measured}; ${count(smoothed, 'stanza')} had to wait`
  return waiting.streams === 0 ? text : tone('careful', `${text}, ${waiting.stanzas} now`)
}

function queuesCell({ queues: { stanzas, bytes: size, partners } }: StatusOutput): Cell {
  if (stanzas === 0) return 'nothing'
  const most = partners.toSorted((a, b) => b.bytes - a.bytes).slice(0, MOST_WAITING)
  const whom = most.map((one) => `${one.partner} ${count(one.stanzas, 'stanza')}, ${bytes(one.bytes)}`).join('; ')
  const more = partners.length > MOST_WAITING ? `; ${partners.length - MOST_WAITING} more` : ''
  return tone('careful', `${count(stanzas, 'stanza')}, ${bytes(size)} (${whom}${more})`)
}

const MOST_WAITING = 5

/** What links and streams have of partners, and how many streams are held for it. */
function underWayCell({ underWay, streams }: StatusOutput): Cell {
  const held = streams.filter((stream) => stream.held).length
  if (held === 0) return bytes(underWay.bytes)
  return tone('careful', `${bytes(underWay.bytes)}; ${count(held, 'stream')} held, as what they feed is full`)
}

function ledgersCell(ledgers: StatusOutput['ledgers']): Cell {
  const { questions, presences, presencesDue, occupants, peersDoubted, peersLost } = ledgers
  const due = presencesDue > 0 ? `, ${presencesDue} to be set right` : ''
  const inRooms = occupants > 0 ? `, ${count(occupants, 'nick')} in rooms known` : ''
  const gone = peersDoubted + peersLost > 0 ? `; ${count(peersLost, 'peer')} lost, ${peersDoubted} looked for` : ''
  const untracked = ledgers.questionsUntracked + ledgers.presencesUntracked
  const text = `${count(questions, 'question')} under way, ${count(presences, 'presence')} seen${due}${inRooms}${gone}`
  return untracked > 0 ? tone('careful', `${text}; ${untracked} more did not fit`) : text
}

/** Whom our users know outside. */
function relationsCell({ known, waiting, unsaved, displaced }: StatusOutput['relations']): Cell {
  const text = `${known} outside, to users of ours${waiting > 0 ? `, ${waiting} to be written` : ''}`
  const full = displaced > 0 ? `; ${displaced} forgotten for want of room (limits.relations)` : ''
  const lost = unsaved > 0 ? `; ${unsaved} not written` : ''
  return full + lost === '' ? text : tone('careful', text + full + lost)
}

/** Keys of partners that nobody has confirmed. */
function showOpenKeys(output: Output, { partnerKeys: { open } }: StatusOutput): void {
  if (open.length === 0) return
  output.heading('CERTIFICATES OF PARTNERS THAT CHANGED: `sallyport partner confirm-certificate <domain>`')
  output.table(
    ['domain', 'key', 'why it is told', 'since', 'until then', 'reference'],
    open.map(({ domain, spki, explanation, firstSeen, state, reference }) => [
      tone('strong', domain),
      spki,
      explanation,
      firstSeen.slice(0, 16).replace('T', ' '),
      state === 'held' ? tone('bad', 'it proves nothing') : tone('careful', 'it counts'),
      reference,
    ]),
  )
}

/** Of those that misbehaved the worst; `partner conduct` has all. */
function showMisconduct(output: Output, { conducts }: StatusOutput, now: number): void {
  const bad = conducts.filter(({ state, found }) => state !== 'normal' || found !== 'normal')
  if (bad.length === 0) return
  output.heading(`CONDUCT OF DOMAINS OUTSIDE (${bad.length}): \`sallyport partner conduct\``)
  showConducts(output, bad.slice(0, MOST_PENDING), now)
}

function showStreams(output: Output, { streams }: StatusOutput, now: number): void {
  output.heading(`Streams (${streams.length})`)
  if (streams.length === 0) return output.line('  none; they open with the first stanza')
  output.table(
    [
      'who',
      'leg',
      'way',
      'for',
      'address',
      'proven by',
      'TLS',
      'cipher',
      'group',
      'stanzas',
      'unacknowledged',
      'in hand',
      'bytes',
      'up',
      'anew in',
    ],
    streams.flatMap((stream) => [
      rowOf(stream, now),
      ...stream.further.map(({ local, remote, method }) => [tone('strong', remote), '', '', local, '', method]),
    ]),
  )
}

function rowOf(stream: StatusOutput['streams'][number], now: number): Cell[] {
  return [
    tone('strong', stream.remote + entryText(stream)),
    stream.leg,
    stream.bidi ? 'both ways' : stream.role === 'receiving' ? 'to us' : 'from us',
    stream.local,
    stream.peerAddress,
    stream.method,
    stream.tls ? `${stream.tls.version} ${stream.tls.start}` : tone('careful', 'plaintext'),
    stream.tls?.cipher,
    // Node does not tell the server side which group was agreed on.
    stream.tls && (stream.tls.group ?? 'unknown'),
    stream.stanzasIn + stream.stanzasOut, // one of them is 0 unless it goes both ways
    stream.acks ? stream.acks.unacknowledged : 'no acks',
    inHandCell(stream),
    bytes(stream.bytesIn + stream.bytesOut),
    duration(now - Date.parse(stream.since)),
    stream.provenUntil === undefined ? undefined : duration(Math.max(0, Date.parse(stream.provenUntil) - now)),
  ]
}

/** By which name of which entry, where that does not go without saying. */
function entryText({ remote, entry }: StatusOutput['streams'][number]): string {
  return entry === undefined || entry.domain === remote ? '' : ` (by ${matchText(entry)})`
}

function inHandCell({ unreadBytes, unsentBytes, held }: StatusOutput['streams'][number]): Cell {
  const text = bytes(unreadBytes + unsentBytes)
  return held ? tone('careful', `${text}, held`) : text
}

function showLinks(output: Output, { links }: StatusOutput, now: number): void {
  const shown = links.filter(
    ({ state, queuedStanzas, lastFailure }) => state === 'connecting' || queuedStanzas > 0 || lastFailure !== undefined,
  )
  if (shown.length === 0) return
  output.heading('Links that wait or failed')
  output.table(
    ['to', 'for', 'leg', 'state', 'queue', 'last failure'],
    shown.map(({ remote, local, leg, state, queuedStanzas, queuedBytes, lastFailure, nextAttempt }) => [
      remote,
      local,
      leg,
      state === 'ready' ? tone('good', state) : state,
      queuedStanzas === 0 ? 'empty' : tone('careful', `${count(queuedStanzas, 'stanza')}, ${bytes(queuedBytes)}`),
      lastFailure === undefined
        ? undefined
        : `${lastFailure.reason} ${duration(now - Date.parse(lastFailure.at))} ago (${lastFailure.reference}): ${lastFailure.detail}${pause(nextAttempt, now)}`,
    ]),
  )
}

const pause = (nextAttempt: string | undefined, now: number): string =>
  nextAttempt === undefined
    ? ''
    : `; the next attempt waits ${duration(Math.max(0, Date.parse(nextAttempt) - now))}, or for \`sallyport partner retry\``
