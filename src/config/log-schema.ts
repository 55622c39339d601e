// The section `log` of gateway.yaml: where the log goes besides standard output.

import * as z from 'zod'
import { file, list, neverEmpty, say, section, written } from './fields.ts'
import { HOST, HOST_PORT, type HostPort, type Written } from './values.ts'

export const MOST_LOG_SERVERS = 4

const TRUST = 'write the PEM file with the CA of the log server, or a list of such files'
const EXAMPLE = '[{ address: log1.corp.internal:6514, trust: certs/log-ca.pem }]'

/** The usual port is another one than that of the core. RFC 5425 §4.1 */
const PLACE: Written<HostPort> = {
  how: 'write host:port, such as log1.corp.internal:6514 or [2001:db8::5]:6514',
  read: HOST_PORT.read,
  hint: (text) => (HOST.read(text) === undefined ? undefined : `write the port too: ${text}:6514`),
}

const LogServerEntry = section(
  {
    address: written(PLACE).describe('Where it is, host:port; the usual port is 6514.'),
    name: written(HOST)
      .optional()
      .describe('What its certificate has to prove; default: the host of the address.')
      .meta(neverEmpty('write the name, or take it out')),
    trust: z
      .union(
        [file('a PEM file'), z.array(file('a PEM file')).min(1, { error: TRUST }).max(20, { error: TRUST }).readonly()],
        {
          error: say(TRUST),
        },
      )
      .describe('PEM files with the CAs that may vouch for it; nobody else does.'),
    certificate: file('a PEM file: the certificate, then its intermediates')
      .optional()
      .describe('What the gateway shows, PEM; for a server that wants to know who writes to it.'),
    key: file('a PEM file with the private key').optional().describe('Its private key, PEM, not encrypted.'),
  },
  'write { address: log1.corp.internal:6514, trust: certs/log-ca.pem }',
).refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), {
  error: 'write certificate and key together, or neither',
})

export const LogSection = section(
  {
    servers: list(LogServerEntry, EXAMPLE)
      .refine((all) => all.length <= MOST_LOG_SERVERS, { error: `write at most ${MOST_LOG_SERVERS} log servers` })
      .refine((all) => new Set(all.map(({ address: { host, port } }) => `${host} ${port}`)).size === all.length, {
        error: 'write each log server once',
      })
      .prefault([])
      .describe(
        'Log servers that are sent every line of the log, each all of them, by syslog over TLS (RFC 5424, RFC 5425): address:, trust: (the CAs that may vouch for it), name: where its certificate has another than the address, certificate: and key: for a server that wants to know who writes to it. A boundary device of the DoD has two.',
      )
      .meta({ example: [{ address: 'log1.corp.internal:6514', trust: 'certs/log-ca.pem' }] }),
  },
  `write servers: ${EXAMPLE} below log:`,
)

export interface LogServerSettings extends HostPort {
  /** What its certificate has to prove. */
  readonly name: string
  /** PEM files; they alone vouch for it. */
  readonly anchors: readonly string[]
  /** What we show; undefined: nothing. */
  readonly certFile: string | undefined
  readonly keyFile: string | undefined
}

/** As written → with the names of files made whole. */
export function toLogServers(
  { servers }: z.output<typeof LogSection>,
  path: (name: string) => string,
): readonly LogServerSettings[] {
  return servers.map(({ address, name = address.host, trust, certificate, key }) => ({
    ...{ ...address, name },
    anchors: [trust].flat().map((one) => path(one)),
    certFile: certificate === undefined ? undefined : path(certificate),
    keyFile: key === undefined ? undefined : path(key),
  }))
}
