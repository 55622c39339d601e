// The ends of contestants that move bytes: TLS where a stream between servers would be, TCP where a component would be.

import type { End } from '../generator/ends.ts'
import { OURS, type Setting } from '../setting.ts'
import type { Ends } from './contestant.ts'

export function bytesThrough({ way, partners, ports }: Setting): Ends {
  const outside = way === 'out' ? 'tcp' : 'tls'
  const inside = way === 'in' ? 'tcp' : 'tls'
  return {
    source: partners.map((partner): End => ({
      opens: 'we',
      port: ports.front,
      speaks: outside,
      local: way === 'out' ? OURS : partner,
      remote: way === 'out' ? partner : OURS,
    })),
    sink: [
      {
        opens: 'they',
        port: ports.core,
        speaks: inside,
        local: way === 'out' ? (partners[0] ?? '') : OURS,
        remote: way === 'out' ? OURS : (partners[0] ?? ''),
      },
    ],
  }
}
