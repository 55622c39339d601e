// What stood where: the system under test, its interfaces and ports, and the partners it had.

import { diagram } from '../diagram.ts'
import { escaped } from '../escape.ts'
import type { Sources } from '../html.ts'
import { counted, facts, table } from './making.ts'

export function system({ report: { system: own } }: Sources): string {
  return `${diagram()}
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
  ['Source of time', 'The clock of the host; how far it is off is not asked'],
])}`
}

export function interfaces({ report }: Sources): string {
  const rows = report.interfaces.map(({ name, direction, address, protocol, protection, purpose }) =>
    [name, direction, address, protocol, protection, purpose].map(escaped),
  )
  return `<p>As the instance that was tested was configured; the settings are in <a href="configuration.json">configuration.json</a>.</p>${table(['Interface', 'Direction', 'Address and port', 'Protocol', 'Protection', 'Purpose'], rows)}`
}

/** Peers that show the same and whose entries say the same are one row. */
export function partners({ report, cases }: Sources): string {
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
