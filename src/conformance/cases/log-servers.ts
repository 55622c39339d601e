// Log servers, time servers, and what becomes of records (AUD-03, AUD-05, AUD-09): cases with a gateway of their own, whose settings name those of the run.

import type { Step, TestCase } from '../case.ts'
import { CHAT, errorOf } from './making.ts'

const OPENED = { event: 'stream.opened', remote: '{peer}' } as const

export const FIRST = { address: '{log1}', name: 'log1.example', trust: 'certs/anchors.pem' }
/** It wants a certificate of who writes to it. */
export const SECOND = {
  ...{ address: '{log2}', name: 'log2.example', trust: ['certs/anchors.pem'] },
  ...{ certificate: 'certs/corp.example/fullchain.pem', key: 'certs/corp.example/privkey.pem' },
}

export const LOG_SERVERS: readonly TestCase[] = [
  {
    ...{
      // The receivers hold every time against UTC.
      id: 'AUD-03/two-servers',
      requirements: ['AUD-03', 'AUD-05', 'AUD-09'],
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
  {
    ...{
      id: 'AUD-05/store-locked',
      requirements: ['AUD-05'],
      role: 'receiving',
      phase: 'authenticated',
      ip: 4,
      own: true,
    },
    title:
      'Where records cannot be written, the log servers are told of an error at once, traffic goes on, what was decided can be asked about, and it is written later.',
    settings: { log: { servers: [FIRST, SECOND] } },
    steps: [
      { logServer: 1, hears: OPENED },
      { store: 'locked' },
      { say: CHAT.replace('{user}', 'a b@{us}') },
      { comesBack: errorOf('message', 'jid-malformed') },
      ...([1, 2] as const).map((logServer): Step => ({
        logServer,
        hears: { event: 'records.trouble', level: 'error', reason: 'SP-701', detail: true, lost: '0' },
        withinMs: 2000,
      })),
      { say: CHAT },
      { coreHears: { name: 'message', attributes: { id: '{id}' } } },
      { refers: { event: 'stanza.refused', from: '{contact}/desk', condition: 'jid-malformed' } },
      { runs: ['why', '{reference}'], live: true, ends: 'well', says: ['{reference}', 'SP-'] },
      { store: 'free' },
      { logServer: 1, hears: { event: 'records.recovered', lost: '0' } },
      { gateway: 'killed' },
      { hear: { kind: 'closed' } },
      { gateway: 'started' },
      { runs: ['why', '{reference}'], live: true, ends: 'well', says: ['{reference}', 'SP-'] },
    ],
  },
  ...(
    [
      ['behind', 5000, 'it is 5.0 s behind'],
      ['ahead', -90_000, 'it is 90.0 s ahead'],
    ] as const
  ).map(([id, aheadMs, says]): TestCase => ({
    ...{ id: `AUD-09/${id}`, requirements: ['AUD-09'], role: 'receiving', phase: 'none', own: true, aheadMs },
    title: `\`check\` tells how far the clock of the host is ${id}, by a time server of the settings.`,
    settings: { clock: { servers: ['{ntp}'] } },
    // The domains of a run are not in any DNS of others, which is found as well.
    steps: [{ runs: ['check', '--online'], live: true, ends: 'badly', says: [says, 'stratum 2'] }],
  })),
]
