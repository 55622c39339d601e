// The ends of a stock XMPP server: partners on one side, a component that serves our domain on the other. It is what a
// gateway is put in front of, and what an organisation without one has at its edge.

import type { End } from '../generator/ends.ts'
import { OURS, type Setting, type Way } from '../setting.ts'
import type { Ends } from './contestant.ts'

export function serverEnds({ way, partners, ports }: Setting): Ends {
  const remote = partners[0] ?? ''
  const component: End = { opens: 'we', port: ports.inner, speaks: 'component', local: OURS, remote }
  const partner: End = { opens: 'they', port: ports.partner, speaks: 'server', local: remote, remote: OURS }
  if (way === 'out') return { source: [component], sink: [partner] }
  const front = partners.map((local): End => ({
    opens: 'we',
    port: ports.front,
    speaks: 'server',
    local,
    remote: OURS,
  }))
  return { source: front, sink: [component], answers: [partner] }
}

export const serverRefuses = (way: Way): string | undefined =>
  way === 'through' ? 'does not relay: a server takes stanzas of others for its own domains only' : undefined
