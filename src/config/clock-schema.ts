// The section `clock` of gateway.yaml: by which servers the clock of the host is looked at.

import { list, section, written } from './fields.ts'
import { HOST, HOST_PORT, type HostPort, type Written } from './values.ts'

/** RFC 5905 §7.2 */
const PORT = 123

const TIME_SERVER: Written<HostPort> = {
  how: 'write the name or the address of a time server, such as ntp1.corp.internal, with a port where it is not 123',
  read(text) {
    const host = HOST.read(text)
    return host === undefined ? HOST_PORT.read(text) : { host, port: PORT }
  },
}

const MOST = 4

export const ClockSection = section(
  {
    servers: list(written(TIME_SERVER), '[ntp1.corp.internal, ntp2.corp.internal]')
      .refine((all) => all.length <= MOST, { error: `write at most ${MOST} time servers` })
      .prefault([])
      .describe(
        'Time servers that `check --online` and `conformance` ask how far the clock of this host is off (SNTP); those that the host itself is set by, or their neighbours. The gateway sets no clock.',
      )
      .meta({ example: ['ntp1.corp.internal', 'ntp2.corp.internal'] }),
  },
  'write servers: [ntp1.corp.internal] below clock:',
)
