// What stood where: the system under test, its interfaces and ports, and the partners it had.

import { diagram } from '../diagram.ts'
import { escaped } from '../escape.ts'
import type { Reached } from '../report.ts'
import type { Sources } from './sources.ts'
import { counted, facts, table } from './making.ts'

export function system({ report }: Sources): string {
  const { system: own } = report
  if (own.reached) return reached(own.reached)
  return `${diagram(report.pairwise?.pairs.map(({ peer }) => peer))}
${facts([
  [
    'Claimed role',
    'XMPP gateway, server to server alone: no accounts, no rooms, no connections of clients in this configuration',
  ],
  [
    'System under test',
    `Sallyport ${escaped(own.version)}, run as a process of its own with the profile ${escaped(own.profile)}`,
  ],
  ['Behind it', 'The core of the laboratory, a server of its own for one domain with one user'],
  [
    'In front of it',
    'Scripted peers, a domain of its own for each run; what they read is parsed by another parser than the gateway&#39;s',
  ],
  ['Processors', escaped(own.processors)],
  ['Memory', escaped(own.memory)],
  ['Source of time', 'The clock of the host'],
])}`
}

/** Of one that runs elsewhere, no more is known than what it was met by. */
function reached({ at, release = 'not told', partner }: Reached): string {
  return facts([
    ['System under test', `A gateway that runs at ${escaped(at.join(' and '))}; its release: ${escaped(release)}`],
    ['Behind it', 'Its own core, of which this run has seen nothing'],
    [
      'In front of it',
      partner === undefined ? 'Scripted peers, as a stranger' : `Scripted peers, as the partner ${escaped(partner)}`,
    ],
    ['What was told of it', 'configuration.json'],
  ])
}

export function interfaces({ report }: Sources): string {
  const rows = report.interfaces.map(({ name, direction, address, protocol, protection, purpose }) =>
    [name, direction, address, protocol, protection, purpose].map(escaped),
  )
  const how = report.system.reached ? 'As it was met' : 'As the instance that was tested was configured'
  return `<p>${how}; the settings are in <a href="configuration.json">configuration.json</a>.</p>${table(['Interface', 'Direction', 'Address and port', 'Protocol', 'Protection', 'Purpose'], rows)}`
}

/** Peers that show the same and whose entries say the same are one row. */
export function partners({ report, cases }: Sources): string {
  if (report.system.reached) return '<p>None but whoever met it: the partners of a gateway that runs are its own.</p>'
  const others = report.pairwise
    ? 'what was played with live partners stands below'
    : 'no product of others had a part in this run'
  const played = new Set(report.runs.map((run) => run.case))
  const own = [...cases.values()].filter(({ id }) => played.has(id))
  const kinds = Map.groupBy(own, ({ certificate = 'good', entry }) => JSON.stringify([certificate, entry ?? {}]))
  const rows = [...kinds.values()].map((group) => {
    const { certificate = 'good', entry } = group[0]!
    const says = Object.entries({ status: 'allowed', ...entry }).map(
      ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
    const roles = [...new Set(group.map(({ role }) => (role === 'receiving' ? 'connects' : 'is connected to')))]
    return [escaped(certificate), roles.join(', '), escaped(says.join('; ')), counted(group.length, 'case')]
  })
  return `<p>Scripted peers of this release; ${others}. Each has an entry of its own. Their certificates are issued by a CA of the run that the gateway trusts, but where what they show says otherwise.</p>${table(['Certificate it shows', 'Role', 'Its entry says', 'In'], rows)}`
}
