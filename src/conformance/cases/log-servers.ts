// Log servers (AUD-03): cases with a gateway of their own, whose settings name those of the run.

import type { TestCase } from '../case.ts'

const OPENED = { event: 'stream.opened', remote: '{peer}' } as const

const FIRST = { address: '{log1}', name: 'log1.example', trust: 'certs/anchors.pem' }
/** It wants a certificate of who writes to it. */
const SECOND = {
  ...{ address: '{log2}', name: 'log2.example', trust: ['certs/anchors.pem'] },
  ...{ certificate: 'certs/corp.example/fullchain.pem', key: 'certs/corp.example/privkey.pem' },
}

export const LOG_SERVERS: readonly TestCase[] = [
  {
    ...{
      id: 'AUD-03/two-servers',
      requirements: ['AUD-03'],
      role: 'receiving',
      phase: 'authenticated',
      ip: 4,
      own: true,
    },
    title:
      'Two log servers are sent every line by syslog over TLS; what one misses while it is away it is sent later, and the other misses nothing.',
    settings: { log: { servers: [FIRST, SECOND] } },
    steps: [
      { logServer: 1, hears: { event: 'gateway.started' } },
      { logServer: 1, hears: OPENED },
      { logServer: 2, hears: OPENED },
      { logServer: 1, is: 'away' },
      { logServer: 2, hears: { event: 'log-server.down', reason: 'SP-908', server: true, detail: true } },
      { close: 'stream' },
      { hear: { kind: 'end' } },
      { close: 'connection' },
      { logServer: 2, hears: { event: 'stream.closed', remote: '{peer}' } },
      { logServer: 2, has: 'all' },
      { logServer: 1, is: 'there' },
      { logServer: 1, hears: { event: 'stream.closed', remote: '{peer}' } },
      { logServer: 1, has: 'all' },
      { logServer: 2, has: 'all' },
    ],
  },
  {
    ...{
      id: 'AUD-03/other-name',
      requirements: ['AUD-03'],
      role: 'receiving',
      phase: 'authenticated',
      ip: 4,
      own: true,
    },
    title: 'A log server whose certificate proves another name is sent nothing, and that is told.',
    settings: { log: { servers: [{ ...FIRST, name: 'log3.example' }, SECOND] } },
    steps: [
      { logServer: 2, hears: OPENED },
      { logServer: 2, hears: { event: 'log-server.down', reason: 'SP-908', server: true, detail: true } },
      { logServer: 1, has: 'nothing' },
    ],
  },
]
